import { networkInterfaces } from "node:os";

export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

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
