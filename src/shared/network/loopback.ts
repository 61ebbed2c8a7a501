import { isIPv4 } from "node:net";

/** Whether the address is one of loopback. All of 127.0.0.0/8 is ours, but only 127.0.0.1 is listed. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith("127.") : address === "::1";
}
