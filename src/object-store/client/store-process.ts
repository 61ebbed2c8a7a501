import type { ChildProcessByStdio } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { TftpError } from "../../contract/errors.ts";
import { entryFile } from "../../shared/entry-file.ts";
import type { StoreProcessConfig, StoreReport } from "./store-api.ts";
import { storeProgram } from "./store-program.ts";
import { childProcess, nodeCrypto } from "../../shared/lazy-builtins.ts";

/** The store's configuration, without the socket, which is chosen here. */
export type StoreSettings = Omit<StoreProcessConfig, "socket" | "directory">;

type Place = Pick<StoreProcessConfig, "socket" | "directory">;
type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** How much of stderr is kept, in characters: its end says why the process died. */
const LAST_WORDS = 2_000;

/** The process that loads OpenDAL. It is spawned when it is first needed, and again after it died. */
export class StoreProcess {
  readonly #config: StoreSettings;
  readonly #entry: string | URL | undefined;
  readonly #died: (why: string) => void;
  #child: Child | undefined;
  #serving: Promise<string> | undefined;
  #removing: Promise<void> | undefined;
  #closed = false;

  /**
   * @param entry the file that it starts with, instead of this package's own.
   * @param died called with the reason when the process ends by itself. */
  constructor(config: StoreSettings, entry: string | URL | undefined, died: (why: string) => void) {
    this.#config = config;
    this.#entry = entry;
    this.#died = died;
  }

  /**
   * Spawns the process unless it runs. Resolves with the path of its socket.
   * @throws {TftpError} SOURCE_UNAVAILABLE if OpenDAL is missing or refuses the configuration; START_FAILED if there is no
   *   file or no Node to start it with; CLOSED.
   */
  open(): Promise<string> {
    if (this.#closed) return Promise.reject(new TftpError("CLOSED", "source: this driver was closed"));
    this.#serving ??= this.#spawn().catch((error: unknown) => {
      this.#serving = undefined;
      // Of the system: no temporary directory, or no child process may be made.
      throw error instanceof TftpError ? error : unavailable((error as Error).message);
    });
    return this.#serving;
  }

  /** Kills the process, whatever it is doing. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      child.ref();
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    }
    await this.#removing;
  }

  async #spawn(): Promise<string> {
    const entry = fileURLToPath(entryFile("storeUrl", this.#entry));
    const { file, env } = storeProgram();
    const place = choosePlace();
    const child = childProcess().spawn(file, [entry], { env, stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    this.#child = child;
    let lastWords = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-LAST_WORDS);
    });
    child.stdin.on("error", () => {
      // The process died before it read its configuration; "exit" reports that.
    });
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(`cannot be spawned: ${error.message}`));
      child.once("exit", (code, signal) => resolve(`ended (${signal ?? `exit code ${code}`}): ${lastWords.trim()}`));
    });
    child.stdin.write(`${JSON.stringify({ ...this.#config, ...place } satisfies StoreProcessConfig)}\n`);
    void ended.then(() => (this.#removing = remove(place)));
    const report = await Promise.race([firstLine(child), ended]);
    if (typeof report === "string") throw unavailable(`its process ${report}`);
    if (!report.ready) {
      child.kill("SIGKILL");
      throw unavailable(report.reason);
    }
    letGo(child);
    void ended.then((why) => this.#onEnd(why));
    return place.socket;
  }

  #onEnd(why: string): void {
    this.#serving = undefined;
    if (!this.#closed) this.#died(`the process for the source ${why}`);
  }
}

function unavailable(reason: string): TftpError {
  return new TftpError("SOURCE_UNAVAILABLE", `source: ${reason}`);
}

/** On Unix, in a directory that only this user may enter. */
function choosePlace(): Place {
  if (process.platform === "win32") return { socket: `\\\\.\\pipe\\tftp-driver-${nodeCrypto().randomUUID()}` };
  const directory = mkdtempSync(join(tmpdir(), "tftp-driver-"));
  return { directory, socket: join(directory, "store") };
}

async function remove({ directory }: Place): Promise<void> {
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
}

function firstLine(child: Child): Promise<StoreReport> {
  return new Promise((resolve) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve(readReport(line)));
  });
}

/** A program that takes itself for Node, and runs itself instead of the file, writes something else. */
function readReport(line: string): StoreReport {
  try {
    const report = JSON.parse(line) as StoreReport;
    if (typeof report?.ready === "boolean") return report;
  } catch {
    // Not JSON.
  }
  return { ready: false, reason: `its process runs another program, which writes ${JSON.stringify(line)}` };
}

/** Lets this process end although the child runs; the child then ends too, because its standard input closes. */
function letGo(child: Child): void {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();
}
