import { isIPv6 } from "node:net";

/** Where a server that is bound to this address can be asked from this machine: a wildcard can be bound, but not asked. */
export function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return isIPv6(host) && /^[0:]+$/.test(host) ? "::1" : host;
}
