import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { onTestFinished } from "vitest";

export const mainFile: string = join(import.meta.dirname, "../../src/cli/main.ts");
export const tsx: string = import.meta.resolve("tsx");

/** The command line tool, run from source. It is killed when the test is over. */
export class Cli {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  stdout = "";
  stderr = "";
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], cwd: string = process.cwd()) {
    this.process = spawn(process.execPath, ["--import", tsx, mainFile, ...args], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.#closed = once(this.process, "close");
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  /** Its exit code; null where a signal killed it. */
  async end(): Promise<number | null> {
    await this.#closed;
    return this.process.exitCode;
  }

  /** The lines of stdout, once there are so many. */
  async lines(count: number): Promise<string[]> {
    for (;;) {
      const lines = this.stdout.split("\n").slice(0, -1);
      if (lines.length >= count) return lines;
      if (this.process.exitCode !== null) throw new Error(`it ended after ${lines.length} lines: ${this.stderr}`);
      await Promise.race([once(this.process.stdout, "data"), this.#closed]);
    }
  }
}
