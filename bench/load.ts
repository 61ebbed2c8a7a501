import { execFileSync, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { type Work, fileName } from "./work.ts";

/** What the load says at its end (load/main.c). */
export interface LoadResult {
  readonly done: number;
  readonly failed: number;
  /** Transfers whose bytes differed. */
  readonly wrong: number;
  /** Transfers that were left, because the time was over. */
  readonly left: number;
  readonly answered: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly timeouts: number;
  /** Blocks that had come before. */
  readonly duplicates: number;
  readonly blockSize: number;
  readonly windowSize: number;
  /** The last ERROR that a server sent. */
  readonly error: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Compiles C beside this file. Both the clients and the least server are C, so that they are as fast as can be. */
export function compile(sources: readonly string[], into: string): string {
  const files = sources.map((source) => fileURLToPath(new URL(source, import.meta.url)));
  execFileSync(process.env["CC"] ?? "cc", ["-O2", "-o", into, ...files], { stdio: ["ignore", "inherit", "inherit"] });
  return into;
}

/**
 * Runs the work on these processors, and checks every byte against the file. `within` runs it, if given: ip-netns(8).
 */
export async function runLoad(
  program: string,
  work: Work,
  directory: string,
  target: Target,
  processors: readonly number[],
  within: readonly string[] = [],
): Promise<LoadResult> {
  const { blockSize, windowSize, clients, transfers, seconds = 60, gapMs = 0, silenceMs = 1_000 } = work;
  const name = fileName(work);
  const flags = { h: target.host, p: target.port, f: name, l: join(directory, name), b: blockSize };
  const more = { w: windowSize ?? 0, c: clients, n: transfers, x: seconds, g: gapMs, t: silenceMs };
  const options = Object.entries({ ...flags, ...more }).flatMap(([letter, value]) => [`-${letter}`, `${value}`]);
  const [first = "", ...rest] = [...within, "taskset", "-c", processors.join(), program, ...options];
  const child = spawn(first, rest, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(await text(child.stdout)) as LoadResult;
}

/** Why the run has no figures; undefined: it has. */
export function whyInvalid(result: LoadResult, work: Work): string | undefined {
  const { done, failed, wrong, left, answered, error } = result;
  if (wrong > 0) return `${wrong} transfers had wrong bytes`;
  if (failed > 0) return `${failed} transfers failed${error && ` (${error})`}`;
  if (answered < work.transfers) return `${work.transfers - answered} of ${work.transfers} transfers were not answered`;
  if (work.seconds === undefined && done < work.transfers) return `${left} transfers did not end in time`;
  return undefined;
}
