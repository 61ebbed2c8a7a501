import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Identifies a process, also after another one has got its number. Empty if the system does not show it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it was started, in the system's own ticks. */
  readonly started: string;
  /** Of which boot of the system. */
  readonly boot: string;
  /** In which space its number counts: containers have their own. */
  readonly namespace: string;
  readonly host: string;
}

/** Of this process. */
export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    started: statusOf("self")?.started ?? "",
    boot: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "",
    namespace: attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "",
    host: hostname(),
  };
}

/**
 * Whether that process still runs; "unknown" if that cannot be found out from here: another machine, another container.
 */
export function lifeOf(other: ProcessIdentity, own: ProcessIdentity = ownIdentity()): "alive" | "dead" | "unknown" {
  if (other.host !== own.host) return "unknown";
  if (other.boot !== own.boot) return "dead";
  if (other.namespace !== own.namespace) return "unknown";
  if (!exists(other.pid)) return "dead";
  const status = statusOf(other.pid);
  if (status === undefined || other.started === "") return "alive";
  // A zombie has only not been collected by its parent yet.
  return status.zombie || status.started !== other.started ? "dead" : "alive";
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** From /proc/PID/stat; the fields count from behind the name, which may hold anything. */
function statusOf(pid: number | "self"): { started: string; zombie: boolean } | undefined {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  const started = fields?.[19];
  return started === undefined ? undefined : { started, zombie: fields?.[0] === "Z" || fields?.[0] === "X" };
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
