import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/**
 * This machine's addresses that a wildcard stands for; `::` stands for IPv4 ones as well.
 * @throws a system error, as when there are no file handles left.
 */
export function localAddresses(wildcard: string): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family }) => wildcard === "::" || family === "IPv4")
      .map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  );
}

/** A client sends to an address of its own kind. */
export function scopeOf(address: string): "IPv4" | "link-local" | "IPv6" {
  if (isIPv4(address)) return "IPv4";
  return /^fe[89ab]/i.test(address) ? "link-local" : "IPv6";
}
