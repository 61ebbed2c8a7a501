import { ServerNotRunning, TftpError, type TftpErrorCode, toErrorInfo } from "../../contract/errors.ts";
import type { Counters } from "../../contract/counters.ts";
import type { Endpoint, TftpEvent } from "../../contract/events.ts";
import type { ReloadableOptions, ResolvedOptions } from "../../contract/options.ts";
import type { MainApi, ServerSnapshot } from "../../contract/server-api.ts";
import { aborted, onAbort, unlessAborted } from "../../shared/abort.ts";
import { debug } from "../../shared/debug.ts";
import type { LifetimeCounters } from "../events/lifetime-counters.ts";
import { RestartSchedule } from "./restart-schedule.ts";
import { ServerThread } from "./server-thread.ts";
import { Supervisor } from "./supervisor.ts";
import type { VirtualFiles } from "../virtual-files.ts";
import type { ThreadEnd } from "./worker-rpc.ts";

/**
 * - `stopped`: there is no thread; before the first start, after a stop, after a failed start.
 * - `starting`: the thread is spawned and binds the port; also from a crash until it serves again.
 * - `running`: the port is bound.
 * - `stopping`: no new transfers; running ones may end.
 * - `failed`: the thread died while it was running, and is not restarted (any more).
 */
export type TftpState = "stopped" | "starting" | "running" | "stopping" | "failed";

type Emit = (event: TftpEvent) => void;

/** What outlives the threads. */
export interface LifecycleDependencies {
  readonly lifetimeCounters: LifetimeCounters;
  readonly virtualFiles: VirtualFiles;
  readonly openStore: MainApi["openStore"];
}

/** The state machine behind `Tftp`, whose docstring settles what overlapping calls mean. Owns the thread. */
export class Lifecycle {
  #options: ResolvedOptions;
  readonly #emit: Emit;
  readonly #virtualFiles: VirtualFiles;
  readonly #lifetimeCounters: LifetimeCounters;
  readonly #openStore: MainApi["openStore"];
  #currentState: TftpState = "stopped";
  #thread: ServerThread | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** What is bound, or will be again; undefined while stopped. */
  #bound: Endpoint | undefined;
  #restarts: RestartSchedule;
  /** From a crash until it has brought a thread to life again. */
  #supervisor: Supervisor | undefined;
  /** Counts the calls of stop() and close(): one of them recalls a start that waits for a stop to end. */
  #stops = 0;
  #closed = false;
  #isRef = true;
  #nextTransferId = 1;

  constructor(
    options: ResolvedOptions,
    emit: Emit,
    { lifetimeCounters, virtualFiles, openStore }: LifecycleDependencies,
  ) {
    this.#options = options;
    this.#emit = emit;
    this.#restarts = new RestartSchedule(options.controller.restart);
    this.#virtualFiles = virtualFiles;
    this.#lifetimeCounters = lifetimeCounters;
    this.#openStore = openStore;
  }

  get state(): TftpState {
    return this.#state;
  }

  get #state(): TftpState {
    return this.#currentState;
  }

  set #state(state: TftpState) {
    debug("state %s -> %s", this.#currentState, state);
    this.#currentState = state;
  }

  /** What is bound; also between a crash and the restart. Otherwise what is configured. */
  get endpoint(): Endpoint {
    const { host, port } = this.#options.server;
    return this.#bound ?? { address: host, port };
  }

  /** The thread, to be asked. */
  get running(): ServerThread {
    if (this.#state === "running" && this.#thread) return this.#thread;
    throw new ServerNotRunning();
  }

  async start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === "stopping") await this.#afterStop(signal);
    if (this.#closed) throw new TftpError("CLOSED", "start: this driver was closed");
    if (signal?.aborted) throw aborted("start", signal);
    if (this.#state === "running") return this.#warn("start: the server is already running");
    if (this.#state === "starting") {
      this.#warn("start: the server is already starting");
      this.#supervisor?.setRef(true);
      return unlessAborted(this.#starting as Promise<void>, "start", signal);
    }
    this.#restarts = new RestartSchedule(this.#options.controller.restart);
    this.#starting = this.#begin(signal);
    await this.#starting;
  }

  async stop(graceMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#state === "stopped" || this.#state === "failed") {
      this.#state = "stopped";
      return this.#warn("stop: the server is not running");
    }
    if (this.#state === "stopping") this.#warn("stop: the server is already stopping");
    await this.#end(graceMs, signal, new TftpError("ABORTED", "start: the server was stopped before it had started"));
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#state === "failed") this.#state = "stopped";
    if (this.#state === "stopped") return;
    const reason = new TftpError("CLOSED", "start: the driver was closed before it had started");
    await this.#end(this.#options.controller.stopGraceMs, undefined, reason);
  }

  /** The thread as it is now; undefined where none serves, or it has ended before it could answer. */
  async snapshot(): Promise<ServerSnapshot | undefined> {
    const serving = this.#state === "running" || this.#state === "stopping";
    const snapshot = serving ? await this.#thread?.call("snapshot").catch(unless("NOT_RUNNING")) : undefined;
    // The thread may die before its events tell of them.
    snapshot?.transfers.forEach(({ id }) => this.#noteTransfer(id));
    if (snapshot) this.#lifetimeCounters.update(snapshot.counters);
    return snapshot;
  }

  /** Gives the thread other options, and every later thread too. */
  async reconfigure(options: Partial<ReloadableOptions>): Promise<void> {
    this.#options = { ...this.#options, server: { ...this.#options.server, ...options } };
    // A thread that starts has the old ones already.
    if (this.#state === "starting") await this.#starting?.catch(() => {});
    // Where it is gone before it has answered, the next one begins with the new ones.
    if (this.#state === "running")
      await this.running.call("reconfigure", options).catch(unless("NOT_RUNNING", "WORKER_CRASHED", "WORKER_HUNG"));
  }

  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    this.#supervisor?.setRef(isRef);
    if (this.#state === "running") this.#thread?.setRef(isRef);
  }

  async #begin(signal: AbortSignal | undefined): Promise<void> {
    const thread = this.#spawn();
    this.#state = "starting";
    try {
      await this.#startOn(thread, signal);
    } catch (error) {
      // A stop or close in between has the state in its hands, and so has a start that came after it.
      if (this.#thread === thread && this.#state === "starting") this.#forget("stopped");
      throw error;
    }
  }

  async #startOn(thread: ServerThread, signal?: AbortSignal): Promise<Endpoint> {
    this.#thread = thread;
    const unlisten = onAbort(signal, () => void thread.abandon(aborted("start", signal)));
    const { address: host, port } = this.endpoint;
    try {
      const bound = await thread.start({
        config: { ...this.#options.server, host, port },
        firstTransferId: this.#nextTransferId,
        timeoutMs: this.#options.controller.startTimeoutMs,
        watchdogMs: this.#options.controller.watchdogMs,
      });
      // Whatever gave it up while the answer was on its way comes first.
      thread.assertAlive();
      this.#bound = bound;
      this.#supervisor = undefined;
      this.#state = "running";
      thread.setRef(this.#isRef);
      void thread.ended.then((end) => this.#onEnd(thread, end));
      return bound;
    } catch (error) {
      await thread.ended;
      throw error;
    } finally {
      unlisten();
    }
  }

  /** Joins a stop under way, or begins one. */
  async #end(graceMs: number, signal: AbortSignal | undefined, abandonReason: TftpError): Promise<void> {
    this.#stops++;
    const thread = this.#thread;
    if (this.#state === "starting") this.#stopping = this.#finish(this.#abandon(abandonReason));
    if (this.#state === "running") this.#stopping = this.#finish(thread?.stop(graceMs));
    const unlisten = onAbort(signal, () => thread?.expedite());
    await this.#stopping;
    unlisten();
  }

  /** Gives up a start or restart. */
  async #abandon(reason: TftpError): Promise<void> {
    this.#supervisor?.cancel(reason);
    await this.#thread?.abandon(reason);
  }

  async #finish(ending: Promise<Error | void> | undefined): Promise<void> {
    const hadCrashed = this.#supervisor !== undefined;
    this.#state = "stopping";
    // Whoever awaits the end gets to see it, also where nothing but this thread keeps the process.
    this.#thread?.setRef(true);
    const fault = await ending;
    this.#forget("stopped");
    if (fault)
      this.#emit({ type: "warning", at: Date.now(), message: `stop: ${fault.message}`, cause: toErrorInfo(fault) });
    // Otherwise the thread itself has told.
    if (fault || hadCrashed) this.#emit({ type: "stopped", at: Date.now() });
  }

  /** Nothing serves any more. */
  #forget(state: "stopped" | "failed"): void {
    this.#state = state;
    this.#thread = undefined;
    this.#bound = undefined;
    this.#supervisor = undefined;
  }

  async #afterStop(signal: AbortSignal | undefined): Promise<void> {
    const stops = this.#stops;
    await unlessAborted(this.#stopping as Promise<void>, "start", signal);
    if (this.#stops !== stops && !this.#closed) {
      throw new TftpError("ABORTED", "start: the server was stopped before it had started");
    }
  }

  #onEnd(thread: ServerThread, end: ThreadEnd): void {
    if (end.asked) return;
    if (this.#thread !== thread || this.#state !== "running") {
      return this.#emit({ type: "worker-crashed", at: Date.now(), cause: toErrorInfo(end.cause) });
    }
    this.#state = "starting";
    this.#thread = undefined;
    this.#starting = this.#recover(end.cause);
    // Its failure is told by events, and to every start() that joins.
    this.#starting.catch(() => {});
  }

  async #recover(cause: TftpError): Promise<void> {
    const supervised = {
      relaunch: async () => await this.#startOn(this.#spawn()),
      onGivenUp: () => this.#forget("failed"),
      emit: this.#emit,
    };
    this.#supervisor = new Supervisor(this.#restarts, supervised, this.#isRef);
    await this.#supervisor.recover(cause);
  }

  #receive(events: readonly TftpEvent[], counters: Counters): void {
    this.#lifetimeCounters.update(counters);
    for (const event of events) {
      if ("id" in event) this.#noteTransfer(event.id);
      this.#emit(event);
    }
  }

  #noteTransfer(id: number): void {
    this.#nextTransferId = Math.max(this.#nextTransferId, id + 1);
  }

  #warn(message: string): void {
    this.#emit({ type: "warning", at: Date.now(), message });
  }

  #spawn(): ServerThread {
    try {
      const main: MainApi = {
        onEvents: (events, counters) => this.#receive(events, counters),
        openStore: this.#openStore,
        provideFile: (...asked) => this.#virtualFiles.provide(...asked),
      };
      const thread = new ServerThread(main, this.#options.controller.workerMemoryMb);
      this.#virtualFiles.attach(thread);
      this.#lifetimeCounters.begin();
      return thread;
    } catch (error) {
      throw new TftpError("START_FAILED", `no thread can be spawned: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** A thread may be gone before it has answered. */
function unless(...expected: readonly TftpErrorCode[]): (error: unknown) => undefined {
  return (error) => {
    if (!(error instanceof TftpError) || !expected.includes(error.code)) throw error;
  };
}
