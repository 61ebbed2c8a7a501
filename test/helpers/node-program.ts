import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const tsx = import.meta.resolve("tsx");
const compiled = process.env["TFTP_COMPILED_SOURCES"];

/** Node's arguments for a module under src/, without `.ts`: the one that this run of the tests has compiled. */
export function sourceArguments(module: string): string[] {
  return compiled ? [fileURLToPath(new URL(`${module}.js`, compiled))] : tsxArguments(`src/${module}.ts`);
}

/** Node's arguments for a TypeScript file of this repository, compiled by tsx as it runs. */
export function tsxArguments(path: string): string[] {
  return ["--import", tsx, join(import.meta.dirname, "../..", path)];
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** A Node process, killed when the test is over. */
export class NodeProgram {
  readonly process: ChildProcessByStdio<null, Readable, Readable>;
  stdout = "";
  stderr = "";
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], options: ProgramOptions = {}) {
    this.process = spawn(process.execPath, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    this.process.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.process.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.#closed = once(this.process, "close");
    onTestFinished(() => void this.process.kill("SIGKILL"));
  }

  /** Its exit code; null if a signal killed it. */
  async end(): Promise<number | null> {
    await this.#closed;
    return this.process.exitCode;
  }

  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await this.#closed;
  }

  /** The lines of stdout, once there are `count`. A process that ends before is an error that shows its stderr. */
  async lines(count: number): Promise<string[]> {
    for (;;) {
      const lines = this.stdout.split("\n").slice(0, -1);
      if (lines.length >= count) return lines;
      const { exitCode, signalCode } = this.process;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`it ended (${signalCode ?? exitCode}) after ${lines.length} lines: ${this.stderr}`);
      }
      await Promise.race([once(this.process.stdout, "data"), this.#closed]);
    }
  }
}
