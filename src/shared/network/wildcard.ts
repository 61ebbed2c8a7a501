/** Whether this address stands for all addresses of the machine. */
export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
