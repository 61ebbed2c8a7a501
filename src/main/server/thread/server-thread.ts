import { TftpError } from "../../../contract/errors.ts";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { ResolvedOptions } from "../../../contract/options/options.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import type { MainApi, ServerApi } from "../../../contract/thread/server-api.ts";
import { waitMs } from "../../../contract/options/host-spec.ts";
import { type ThreadEnd, WorkerLink } from "./worker-rpc.ts";

/** What the worker may take beyond the grace to send its clients an ERROR and to answer, in ms. */
const STOP_MARGIN = 2_000;

/** The options that a thread is spawned with. */
export type SpawnOptions = Pick<ResolvedOptions["controller"], "workerHeapBytes" | "workerUrl">;

/** What a thread needs to start serving. */
export interface StartDependencies {
  readonly config: ServerConfig;
  /** Its transfers are numbered from here on. */
  readonly firstTransferId: number;
  /** After a crash: addresses that are missing are bound when they come. */
  readonly isRestart: boolean;
  /** Beside what the option `waitForAddress` allows. */
  readonly timeoutMs: number;
  /** Once it has started, its event loop must run at least once within this time; 0: it need not. */
  readonly watchdogMs: number;
}

/**
 * What V8 may take for young objects, in MB; a third of it is in use at a time. When the heap is full, Node grants 16
 * MB more so that the thread can end. With V8's own choice (48) one collection can move more than that out of the young
 * generation, and then the whole process dies instead of the thread. A small one stays in the processor's cache, too.
 */
const YOUNG_MB = 12;

const MIB = 1024 * 1024;

/** In ms; a longer one would go off at once. */
const MAX_TIMER = 2_147_483_647;

/** One life of the server: a thread from its spawn to its end. It starts once and stops once. */
export class ServerThread {
  readonly #link: WorkerLink;
  #watchdog: NodeJS.Timeout | undefined;

  /** @throws {Error} if no thread can be spawned at all, as under Node's permission model. */
  constructor(main: MainApi, { workerHeapBytes, workerUrl }: SpawnOptions) {
    this.#link = new WorkerLink(main, {
      entry: workerUrl,
      resourceLimits: {
        maxOldGenerationSizeMb: Math.floor(workerHeapBytes / MIB),
        maxYoungGenerationSizeMb: YOUNG_MB,
      },
    });
  }

  /** Resolves when the thread is gone. Never rejects. */
  get ended(): Promise<ThreadEnd> {
    return this.#link.ended;
  }

  /**
   * Resolves once the port is bound. When it rejects, the thread is gone and the port is free.
   * @throws {TftpError} the worker's reason, START_TIMEOUT, WORKER_CRASHED, or what `abandon` was given.
   */
  async start({
    config,
    firstTransferId,
    isRestart,
    timeoutMs,
    watchdogMs,
  }: StartDependencies): Promise<readonly Endpoint[]> {
    const limitMs = timeoutMs + waitMs(config.waitForAddress);
    const late = new TftpError("START_TIMEOUT", `the server did not start within ${limitMs} ms`);
    // What is over the longest timer is no limit.
    const timer = limitMs > MAX_TIMER ? undefined : setTimeout(() => void this.#link.terminate(late), limitMs);
    try {
      const bound = await this.#link.call("start", config, firstTransferId, isRestart);
      this.#link.watch(watchdogMs);
      return bound;
    } catch (error) {
      await this.#link.terminate();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends a start under way: it rejects with the reason. Resolves when the thread is gone. */
  abandon(reason: TftpError): Promise<void> {
    return this.#link.terminate(reason);
  }

  /**
   * Lets transfers end for `graceMs`, then ends the thread, whether it answers or not.
   * Resolves when it is gone, with what went wrong on the way, if anything did; a crash is reported by `ended`.
   */
  async stop(graceMs: number): Promise<Error | undefined> {
    this.#watch(graceMs);
    const fault = await this.#link.call("stop", graceMs).then(
      () => undefined,
      (error: Error) => error,
    );
    clearTimeout(this.#watchdog);
    await this.#link.terminate();
    return (await this.ended).asked ? fault : undefined;
  }

  /** Cuts short the grace of a stop under way. */
  expedite(): void {
    this.#watch(0);
    // Its answer is the answer to the stop under way, which is already waited for.
    this.#link.call("stop", 0).catch(() => {});
  }

  call<Name extends keyof ServerApi>(
    name: Name,
    ...args: Parameters<ServerApi[Name]>
  ): Promise<Awaited<ReturnType<ServerApi[Name]>>> {
    return this.#link.call(name, ...args);
  }

  /** @throws {Error} why the thread is gone, or about to be. */
  assertAlive(): void {
    this.#link.assertAlive();
  }

  /** Whether the running thread holds the process. */
  setRef(isRef: boolean): void {
    this.#link.setRef(isRef);
  }

  #watch(graceMs: number): void {
    clearTimeout(this.#watchdog);
    const mute = new TftpError("INTERNAL", `the server's thread did not stop within ${graceMs + STOP_MARGIN} ms`);
    // The thread itself keeps the process until it is gone.
    this.#watchdog = setTimeout(() => void this.#link.terminate(mute), graceMs + STOP_MARGIN).unref();
  }
}
