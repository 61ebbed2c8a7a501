import { readdirSync, readlinkSync } from "node:fs";

/** Whether the system tells which descriptors a process has open. */
export const handlesAreKnown: boolean = process.platform === "linux";

/** How many descriptors this process has open, its threads among it; 0 if the system does not tell. */
export function openHandles(): number {
  return handlesAreKnown ? readdirSync("/proc/self/fd").length : 0;
}

/** How many of them are sockets. */
export function openSockets(): number {
  if (!handlesAreKnown) return 0;
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}
