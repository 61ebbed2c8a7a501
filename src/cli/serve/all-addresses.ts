import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";
import { isWildcard } from "../../shared/wildcard.ts";

/**
 * The address that stands for all addresses of this machine: `::` if one socket serves IPv6 and IPv4 boards there, else
 * `0.0.0.0`, as without IPv6, or with the sysctl net.ipv6.bindv6only.
 */
export async function allAddresses(): Promise<"::" | "0.0.0.0"> {
  const socket = createSocket("udp6");
  try {
    const bound = once(socket, "listening");
    socket.bind(0, "::");
    await bound;
    const connected = once(socket, "connect");
    // A socket for IPv6 alone refuses an address of IPv4. Nothing is sent.
    socket.connect(9, "::ffff:127.0.0.1");
    await connected;
    return "::";
  } catch {
    return "0.0.0.0";
  } finally {
    socket.close();
  }
}

/**
 * A line with every address at which boards reach a server that is bound to all addresses; undefined if it is bound to
 * one. IPv4 comes first: it is what boot ROMs speak, mostly.
 */
export function addressLine(host: string): string | undefined {
  if (!isWildcard(host)) return undefined;
  const found = Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos.filter(({ internal }) => !internal).map((info) => ({ name, info })),
  );
  const shown = found
    .filter(({ info }) => host === "::" || info.family === "IPv4")
    .toSorted((one, other) => rank(one.info) - rank(other.info))
    .map(({ name, info }) => `${info.address} (${name})`);
  return shown.length > 0 ? `boards reach it at ${shown.join(", ")}` : "this machine has no address for boards yet";
}

/** Link-local addresses last: they count on one link only. */
function rank({ family, scopeid }: NetworkInterfaceInfo): number {
  if (family === "IPv4") return 0;
  return scopeid ? 2 : 1;
}
