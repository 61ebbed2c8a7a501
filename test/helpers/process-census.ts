import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** What a process of this machine has open, as Linux tells it. */
export interface ProcessCensus {
  readonly threads: number;
  /** Bound UDP sockets of its own network namespace. */
  readonly udpSockets: number;
  /** Sockets of any kind. */
  readonly sockets: number;
}

/** Linux only. */
export function censusOf(pid: number): ProcessCensus {
  const udp = new Set(["udp", "udp6"].flatMap((protocol) => inodesOf(`/proc/${pid}/net/${protocol}`)));
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => socketOf(`/proc/${pid}/fd/${fd}`));
  return {
    threads: readdirSync(`/proc/${pid}/task`).length,
    udpSockets: sockets.filter((inode) => udp.has(inode)).length,
    sockets: sockets.filter((inode) => inode !== "none").length,
  };
}

/** The tenth column of proc_net_udp(5). */
function inodesOf(path: string): string[] {
  const lines = readFileSync(path, "utf8").trim().split("\n").slice(1);
  return lines.map((line) => line.trim().split(/\s+/)[9] ?? "");
}

function socketOf(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? "none";
  } catch {
    return "none";
  }
}
