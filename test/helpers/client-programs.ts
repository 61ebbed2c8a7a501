import { spawn, spawnSync } from "node:child_process";

/** How a program ended, and what it said. */
export interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end; it is killed after `timeoutMs`. Resolves whatever its exit code. */
export async function run(program: string, args: readonly string[], timeoutMs = 60_000): Promise<Run> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs, killSignal: "SIGKILL" });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output: Buffer.concat(chunks).toString("utf8") }));
  });
}

/**
 * Whether the tests of a real client are to be skipped: its program is not on the PATH. With REQUIRE_CLIENTS=1 they
 * never are, and fail because it cannot be spawned.
 */
export function isAbsent(program: string, args: readonly string[] = []): boolean {
  if (process.env["REQUIRE_CLIENTS"] === "1") return false;
  return spawnSync(program, args, { stdio: "ignore", timeout: 5_000 }).error !== undefined;
}
