import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Snapshot } from "../../../src/index.ts";

/** What the agent reports of itself. */
export interface AgentReport {
  readonly counters: Snapshot["counters"];
  readonly running: number;
  readonly state: string;
  /** How late the agent's own event loop was since it was last blocked on purpose, in ms. */
  readonly loop: { readonly p99: number; readonly max: number };
  readonly seen: {
    readonly crashes: number;
    readonly restarts: number;
    /** How often the thread was taken for hung. */
    readonly hung: number;
    readonly warnings: Readonly<Record<string, number>>;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly failures: Readonly<Record<string, number>>;
  };
}

/** What the agent's process holds, as the kernel sees it (proc(5)). */
export interface Holdings {
  /** Resident memory, in bytes. */
  readonly memory: number;
  readonly descriptors: number;
  /** What they stand for, such as `socket:[1234]`. */
  readonly opened: readonly string[];
  readonly maps: number;
  readonly threads: number;
}

const MEMORY_LINE = /^VmRSS:\s+(\d+) kB/m;
const KIB = 1_024;

/** The agent under test: orders go in, answers come out, and /proc tells what it holds. */
export class AgentProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;

  static async spawn(rootDir: string, transport: string): Promise<AgentProcess> {
    const preload = fileURLToPath(new URL("crash-on-demand.mjs", import.meta.url));
    const child = fork(fileURLToPath(new URL("agent.mjs", import.meta.url)), [rootDir, transport], {
      execArgv: ["--expose-gc"],
      env: { ...process.env, NODE_OPTIONS: `--import=${preload}` },
    });
    await once(child, "message");
    return new AgentProcess(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message) => this.#settle(message as { id: number; answer?: unknown; error?: string }));
    child.once("exit", (code, signal) => this.#failAll(new Error(`the agent ended: ${signal ?? code}`)));
  }

  order(order: "start" | "restart"): Promise<{ host: string; port: number }>;
  order(order: "restarts"): Promise<number>;
  order(order: "report"): Promise<AgentReport>;
  order(order: "block" | "setClock", ms: number): Promise<void>;
  order(order: "waitFor", file: string): Promise<string>;
  order(order: "crash" | "upload", argument: string): Promise<void>;
  order(order: "reconfigure" | "end"): Promise<void>;
  order(order: string, argument?: unknown): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, order, argument });
    });
  }

  /** Stops the whole process for so long, as the suspension of the machine does. */
  async suspend(ms: number): Promise<void> {
    this.#child.kill("SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#child.kill("SIGCONT");
  }

  holdings(): Holdings {
    const process = `/proc/${this.#child.pid}`;
    const status = readFileSync(`${process}/status`, "utf8");
    return {
      memory: Number(MEMORY_LINE.exec(status)?.[1]) * KIB,
      descriptors: readdirSync(`${process}/fd`).length,
      opened: readdirSync(`${process}/fd`).flatMap((fd) => {
        try {
          return readlinkSync(`${process}/fd/${fd}`);
        } catch {
          return [];
        }
      }),
      maps: readFileSync(`${process}/maps`, "utf8").trimEnd().split("\n").length,
      threads: readdirSync(`${process}/task`).length,
    };
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #settle({ id, answer, error }: { id: number; answer?: unknown; error?: string }): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) call?.resolve(answer);
    else call?.reject(new Error(error));
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
