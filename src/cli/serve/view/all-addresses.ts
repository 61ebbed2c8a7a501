import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import type { BoundAddress } from "../../../contract/endpoint.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";

/**
 * A line with every address at which boards reach a server that is bound to all addresses, of one device or of the
 * machine; undefined if it is bound to no wildcard: what `listening` says is all then. IPv4 comes first: it is what boot
 * ROMs speak, mostly.
 */
export function addressLine(bound: readonly BoundAddress[], device: string | undefined): string | undefined {
  const hosts = bound.map(({ host }) => host);
  if (!hosts.some(isWildcard)) return undefined;
  const found = Object.entries(networkInterfaces())
    .filter(([name]) => device === undefined || name === device)
    .flatMap(([name, infos = []]) => infos.filter(({ internal }) => !internal).map((info) => ({ name, info })));
  const shown = found
    .filter(({ info }) => hosts.includes("::") || hosts.includes(info.family === "IPv4" ? "0.0.0.0" : info.address))
    .toSorted((one, other) => rank(one.info) - rank(other.info))
    .map(({ name, info }) => `${info.address} (${name})`);
  if (shown.length > 0) return `boards reach it at ${shown.join(", ")}`;
  // The addresses of a VRF are those of its interfaces.
  return device === undefined ? "this machine has no address for boards yet" : undefined;
}

/** Link-local addresses last: they count on one link only. */
function rank({ family, scopeid }: NetworkInterfaceInfo): number {
  if (family === "IPv4") return 0;
  return scopeid ? 2 : 1;
}
