import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Whether the system tells which descriptors a process has open. */
export const handlesAreKnown: boolean = process.platform === "linux";

/** How many descriptors this process has open, its threads among it; 0 if the system does not tell. */
export function openHandles(): number {
  return handlesAreKnown ? readdirSync("/proc/self/fd").length : 0;
}

/** How many of them are UDP sockets that are bound: no other than those of drivers and clients, whatever the runner does. */
export function openSockets(): number {
  if (!handlesAreKnown) return 0;
  const inodes = new Set(["udp", "udp6"].flatMap((protocol) => inodesOf(`/proc/self/net/${protocol}`)));
  return readdirSync("/proc/self/fd").filter((fd) => inodes.has(socketOf(fd))).length;
}

/** The tenth column of proc_net_udp(5). */
function inodesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[9] ?? "");
}

function socketOf(fd: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? "none";
  } catch {
    return "none";
  }
}
