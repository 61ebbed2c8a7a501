import { isIPv6 } from "node:net";

/**
 * The address at which this machine reaches a server that is bound to `host`: a wildcard can be bound, but not sent to.
 */
export function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return isIPv6(host) && /^[0:]+$/.test(host) ? "::1" : host;
}
