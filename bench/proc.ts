import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const ticksPerSecond = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Processor time of a process and of its children that have ended, in seconds (proc_pid_stat(5)). */
export function processSeconds(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name, in parentheses, may hold spaces; what follows begins with field 3.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return sum(fields.slice(11, 15)) / ticksPerSecond;
}

/** Resident memory now, and the most it ever was, in bytes (proc_pid_status(5)). */
export function processMemory(pid: number): { readonly now: number; readonly peak: number } {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
  return { now: kib("VmRSS") * 1_024, peak: kib("VmHWM") * 1_024 };
}

/** Processor time that was used by anyone on these processors, in seconds (proc_stat(5)). */
export function busySeconds(processors: readonly number[]): number {
  const lines = readFileSync("/proc/stat", "utf8").split("\n");
  return sum(
    processors.map((processor) => {
      const line = lines.find((candidate) => candidate.startsWith(`cpu${processor} `)) ?? "";
      const [user, nice, system, , , irq, softirq, steal] = line.split(" ").slice(1);
      return sum([user, nice, system, irq, softirq, steal]) / ticksPerSecond;
    }),
  );
}

function sum(values: readonly (string | number | undefined)[]): number {
  return values.reduce<number>((total, value) => total + Number(value), 0);
}
