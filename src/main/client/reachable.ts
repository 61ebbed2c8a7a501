import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * The address at which this machine reaches a server that is bound to `host`: a wildcard can be bound, but not sent to.
 */
export function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (!isIPv6(host) || !/^[0:]+$/.test(host)) return host;
  // `::` can be bound, and IPv4 served there, where IPv6 is switched off.
  return hasIpv6Loopback() ? "::1" : "127.0.0.1";
}

function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((infos) => infos?.some(({ address }) => address === "::1"));
}
