import type { ResourceLimits, Worker } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";
import { ServerNotRunning, TftpError, thrownError, toErrorInfo } from "../../../contract/errors.ts";
import type { MainApi, ServerApi, WorkerData } from "../../../contract/thread/server-api.ts";
import type { HandlerAnswer } from "../../../contract/rules/virtual-files.ts";
import { debug } from "../../../shared/debug.ts";
import { tableForThread, takeLeft } from "./left-memory.ts";
import { spawnWorker } from "./spawn-worker.ts";
import { Watchdog } from "./watchdog.ts";
import { workerEntry } from "./worker-entry.ts";

type Result<Name extends keyof ServerApi> = Awaited<ReturnType<ServerApi[Name]>>;

/** A thread that was asked to end, and is not stuck in a system call, is gone within this time. */
const TERMINATE_TIMEOUT_MS = 5_000;

/** What a thread is spawned with. */
export interface LinkOptions {
  /** Instead of this package's own. */
  readonly entry?: string | URL | undefined;
  readonly resourceLimits?: ResourceLimits;
}

/** How a thread ended: as asked by `terminate`, or of itself, and then why. */
export type ThreadEnd = { readonly asked: true } | { readonly asked: false; readonly cause: TftpError };

/**
 * The wire to one worker thread, and its life: from the constructor to `ended`.
 *
 * Both directions share the worker's own port. So events that were sent before an answer arrive before it, and the
 * worker's `unref` is all it takes to let the process go: a callback handed over by `comlink.proxy` would bring a
 * second port, which holds the process and which no code can reach.
 */
export class WorkerLink {
  /** Resolves when the thread is gone, its sockets with it. Never rejects. */
  readonly ended: Promise<ThreadEnd>;

  readonly #worker: Worker;
  readonly #watchdog = new Watchdog();
  readonly #mapped = tableForThread();
  readonly #server: comlink.Remote<ServerApi>;
  /** How to reject every call that waits for an answer: comlink would leave it pending when the thread dies. */
  readonly #pending = new Set<(reason: Error) => void>();
  /** Why the thread is about to be gone, as far as that is known before it is. */
  #fault: unknown;
  #ending: Error | undefined;
  /** Takes the thread for ended although it is not. */
  #onUnending: ((exitCode: number) => void) | undefined;

  /**
   * @throws {Error} if no thread can be spawned at all, as under Node's permission model.
   * @throws {TftpError} START_FAILED if its entry is not there.
   */
  constructor(main: MainApi, { entry, resourceLimits }: LinkOptions = {}) {
    try {
      this.#worker = spawnWorker(workerEntry(entry), {
        name: "tftp-driver",
        workerData: {
          heartbeat: this.#watchdog.workerData,
          mapped: this.#mapped.shared,
        } satisfies WorkerData,
        transferList: this.#watchdog.transferList,
        ...(resourceLimits && { resourceLimits }),
      });
    } catch (error) {
      takeLeft(this.#mapped);
      throw error;
    }
    const endpoint = nodeEndpoint(this.#worker);
    comlink.expose(
      { ...main, provideFile: async (...asked) => handOver(await main.provideFile(...asked)) } satisfies MainApi,
      endpoint,
    );
    this.#server = comlink.wrap<ServerApi>(endpoint);
    this.ended = this.#watch();
    debug("thread %d begins", this.#worker.threadId);
  }

  /**
   * Asks the worker.
   * @throws {Error} What the worker threw, class and code intact.
   * @throws {TftpError} WORKER_CRASHED if the thread dies first, with the cause; if it was ended on purpose, the reason
   *   that `terminate` was given.
   */
  call<Name extends keyof ServerApi>(name: Name, ...args: Parameters<ServerApi[Name]>): Promise<Result<Name>> {
    const remote = this.#server[name] as unknown as (...sent: typeof args) => Promise<Result<Name>>;
    return new Promise((resolve, reject) => {
      if (this.#ending) return reject(this.#ending);
      this.#pending.add(reject);
      debug("call %s", name);
      void remote(...args)
        .then(resolve, (thrown: unknown) => reject(thrownError(thrown)))
        .finally(() => {
          debug("%s was answered", name);
          this.#pending.delete(reject);
        });
    });
  }

  /** Ends the thread at once, whatever it does. Calls under way reject with the reason. */
  async terminate(reason: TftpError = new ServerNotRunning()): Promise<void> {
    this.#end(reason);
    await this.#kill();
    await this.ended;
  }

  /**
   * From now on the thread is ended, as by a crash, if its event loop does not run for `watchdogMs`; 0: never.
   */
  watch(watchdogMs: number): void {
    this.#watchdog.watch(watchdogMs, () => {
      const message = `the event loop of the server's thread did not run for ${watchdogMs} ms`;
      this.#abort(new TftpError("WORKER_HUNG", message));
    });
  }

  /** @throws {Error} why the thread is gone, or about to be. */
  assertAlive(): void {
    if (this.#ending) throw this.#ending;
  }

  /** Whether a running thread holds the process. */
  setRef(isRef: boolean): void {
    if (isRef) this.#worker.ref();
    else this.#worker.unref();
  }

  #watch(): Promise<ThreadEnd> {
    this.#worker.on("error", (error: unknown) => (this.#fault ??= error));
    // An answer is lost, and it is unknown to which call: the thread cannot be used any more.
    this.#worker.on("messageerror", (error) => this.#abort(error));
    return new Promise((resolve) => {
      const conclude = (exitCode: number): void => {
        const asked = this.#ending !== undefined;
        if (asked) return resolve({ asked });
        const cause = crash(this.#fault, exitCode);
        this.#end(cause);
        resolve({ asked, cause });
      };
      this.#onUnending = conclude;
      this.#worker.once("exit", (exitCode) => {
        this.#watchdog.close();
        // Node reports the end when the thread is joined: nothing of it runs any more.
        takeLeft(this.#mapped);
        conclude(exitCode);
      });
    });
  }

  /** Ends a thread that cannot be used any more; it counts as a crash. */
  #abort(fault: unknown): void {
    this.#fault ??= fault;
    void this.#kill();
  }

  /** A thread that is stuck in the kernel does not end. It is given up, with all that it holds. */
  async #kill(): Promise<void> {
    const gone = this.#worker.terminate();
    const timer = setTimeout(() => this.#onUnending?.(1), TERMINATE_TIMEOUT_MS);
    await Promise.race([gone, this.ended]);
    clearTimeout(timer);
  }

  #end(reason: Error): void {
    this.#ending ??= reason;
    for (const reject of this.#pending) reject(reason);
    this.#pending.clear();
  }
}

/** The memory of an answer goes over to the worker, and is not copied again. */
function handOver(answer: HandlerAnswer): HandlerAnswer {
  if (typeof answer === "string" || !("bytes" in answer)) return answer;
  return comlink.transfer(answer, [answer.bytes.buffer as ArrayBuffer]);
}

function crash(fault: unknown, exitCode: number): TftpError {
  if (fault === undefined) return new TftpError("WORKER_CRASHED", `the server's thread exited with code ${exitCode}`);
  if (fault instanceof TftpError) return fault;
  const { message } = toErrorInfo(fault);
  return new TftpError("WORKER_CRASHED", `the server's thread died: ${message}`, { cause: fault });
}
