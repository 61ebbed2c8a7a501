import { TftpError, toErrorInfo } from "../../contract/errors.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { ReloadableConfig, ResolvedOptions } from "../../contract/options/options.ts";
import type { ServerSnapshot } from "../../contract/thread/server-api.ts";
import { aborted, onAbort, unlessAborted } from "../../shared/abort.ts";
import { unless } from "../../shared/error-codes.ts";
import { hostsOf } from "../../contract/options/host-spec.ts";
import { CurrentServer } from "./current-server.ts";
import { InheritedSocket } from "./inherited-socket.ts";
import { RestartSchedule } from "./restart-schedule.ts";
import type { ServerThread } from "./thread/server-thread.ts";
import { Supervisor } from "./supervisor.ts";
import { type SpawnerDependencies, ThreadSpawner } from "./thread/thread-spawner.ts";
import type { ThreadEnd } from "./thread/worker-rpc.ts";

/** What a call is rejected with if the thread is gone before it has answered. */
const goneCodes = ["NOT_RUNNING", "WORKER_CRASHED", "WORKER_HUNG"];

/** The state machine behind `Tftp`, whose docstring settles what overlapping calls mean. Owns the thread. */
export class Lifecycle {
  #options: ResolvedOptions;
  readonly #emit: (event: TftpEvent) => void;
  readonly #threads: ThreadSpawner;
  readonly #inherited: InheritedSocket | undefined;
  readonly #server: CurrentServer;
  #starting: Promise<readonly Endpoint[]> | undefined;
  #stopping: Promise<void> | undefined;
  #restarts: RestartSchedule;
  /** From a crash until it has brought a thread to life again. */
  #supervisor: Supervisor | undefined;
  /** Counts the calls of stop() and close(): one of them recalls a start that waits for a stop to end. */
  #stops = 0;
  #closed = false;
  #isRef = true;

  /** @throws {TftpError} INVALID_OPTION if `socketFd` is no open socket. */
  constructor(options: ResolvedOptions, dependencies: SpawnerDependencies) {
    this.#options = options;
    this.#emit = dependencies.emit;
    const { host, port, socketFd } = options.server;
    this.#server = new CurrentServer(dependencies.emit, { address: hostsOf(host)[0] ?? "", port });
    const emit = (event: TftpEvent): void => {
      // Before its listener knows of a change, getHost() does.
      this.#server.note(event);
      dependencies.emit(event);
    };
    this.#threads = new ThreadSpawner({ ...dependencies, emit });
    this.#inherited = socketFd === undefined ? undefined : new InheritedSocket(socketFd);
    this.#restarts = new RestartSchedule(options.controller.restart);
  }

  /** To be looked at, and asked, not to be changed. */
  get server(): Pick<CurrentServer, "state" | "endpoint" | "addresses" | "running"> {
    return this.#server;
  }

  /** With what was reconfigured since. */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /** Resolves with what is bound. */
  async start(signal: AbortSignal | undefined): Promise<readonly Endpoint[]> {
    if (this.#server.state === "stopping") await this.#afterStop(signal);
    if (this.#closed) throw new TftpError("CLOSED", "start: this driver was closed");
    if (signal?.aborted) throw aborted("start", signal);
    if (this.#server.state === "running") return this.#alreadyRunning();
    if (this.#server.state === "starting") {
      this.#warn("start: the server is already starting");
      this.#supervisor?.setRef(true);
      return unlessAborted(this.#starting as Promise<readonly Endpoint[]>, "start", signal);
    }
    this.#restarts = new RestartSchedule(this.#options.controller.restart);
    this.#starting = this.#begin(signal);
    return await this.#starting;
  }

  async stop(graceMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#server.state === "stopped" || this.#server.state === "failed") {
      this.#server.change("stopped");
      return this.#warn("stop: the server is not running");
    }
    if (this.#server.state === "stopping") this.#warn("stop: the server is already stopping");
    await this.#end(graceMs, signal, new TftpError("ABORTED", "start: the server was stopped before it had started"));
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#server.state === "failed") this.#server.change("stopped");
    if (this.#server.state === "stopped") return;
    const reason = new TftpError("CLOSED", "start: the driver was closed before it had started");
    await this.#end(this.#options.controller.stopGraceMs, undefined, reason);
  }

  /** The thread as it is now; undefined if none serves, or if it has ended or died before it could answer. */
  async snapshot(): Promise<ServerSnapshot | undefined> {
    const { serving } = this.#server;
    const snapshot = serving && (await unless(serving.call("snapshot"), ...goneCodes));
    if (snapshot) this.#threads.note(snapshot);
    return snapshot;
  }

  /** Gives the thread other options, and every later thread too. */
  async reconfigure(options: Partial<ReloadableConfig>): Promise<void> {
    this.#options = { ...this.#options, server: { ...this.#options.server, ...options } };
    // A thread that starts has the old ones already.
    if (this.#server.state === "starting") await this.#starting?.catch(() => {});
    // If it is gone before it has answered, the next one begins with the new ones.
    if (this.#server.state === "running") {
      await unless(this.#server.running.call("reconfigure", options), ...goneCodes);
    }
  }

  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    this.#supervisor?.setRef(isRef);
    if (this.#server.state === "running") this.#server.thread?.setRef(isRef);
  }

  async #begin(signal: AbortSignal | undefined): Promise<readonly Endpoint[]> {
    const thread = this.#spawn();
    this.#server.change("starting");
    try {
      return await this.#startOn(thread, signal);
    } catch (error) {
      // A stop or close in between has the state in its hands, and so has a start that came after it.
      if (this.#server.thread === thread && this.#server.state === "starting") this.#forget("stopped");
      throw error;
    }
  }

  async #startOn(thread: ServerThread, signal?: AbortSignal): Promise<readonly Endpoint[]> {
    this.#server.thread = thread;
    const unlisten = onAbort(signal, () => void thread.abandon(aborted("start", signal)));
    const { server } = this.#options;
    try {
      const bound = await thread.start({
        // The addresses may have changed since: the thread looks for them itself.
        config: { ...server, port: this.#server.endpoint.port },
        isRestart: this.#server.hasServed,
        firstTransferId: this.#threads.nextTransferId,
        timeoutMs: this.#options.controller.startTimeoutMs,
        watchdogMs: this.#options.controller.watchdogMs,
      });
      // Whatever gave it up while the answer was on its way comes first.
      thread.assertAlive();
      this.#supervisor = undefined;
      this.#server.run(bound);
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
    const thread = this.#server.thread;
    if (this.#server.state === "starting") this.#stopping = this.#finish(this.#abandon(abandonReason));
    if (this.#server.state === "running") this.#stopping = this.#finish(thread?.stop(graceMs));
    const unlisten = onAbort(signal, () => thread?.expedite());
    await this.#stopping;
    unlisten();
  }

  /** Gives up a start or restart. */
  async #abandon(reason: TftpError): Promise<void> {
    this.#supervisor?.cancel(reason);
    await this.#server.thread?.abandon(reason);
  }

  async #finish(ending: Promise<Error | void> | undefined): Promise<void> {
    const hadCrashed = this.#supervisor !== undefined;
    this.#server.change("stopping");
    // A caller that awaits the end must see it, even if nothing but this thread keeps the process alive.
    this.#server.thread?.setRef(true);
    const fault = await ending;
    this.#forget("stopped");
    if (fault)
      this.#emit({ type: "warning", at: Date.now(), message: `stop: ${fault.message}`, cause: toErrorInfo(fault) });
    // Otherwise the thread itself has emitted it.
    if (fault || hadCrashed) this.#emit({ type: "stopped", at: Date.now() });
  }

  #forget(state: "stopped" | "failed"): void {
    this.#server.end(state);
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
    if (this.#server.thread !== thread || this.#server.state !== "running") {
      return this.#emit({ type: "worker-crashed", at: Date.now(), cause: toErrorInfo(end.cause) });
    }
    this.#server.change("starting");
    this.#server.thread = undefined;
    this.#starting = this.#recover(end.cause);
    // Its failure is reported by events, and by every start() that joins.
    this.#starting.catch(() => {});
  }

  async #recover(cause: TftpError): Promise<readonly Endpoint[]> {
    const supervised = {
      relaunch: async () => {
        await this.#startOn(this.#spawn());
        return this.#server.endpoint;
      },
      onGivenUp: () => this.#forget("failed"),
      emit: this.#emit,
    };
    this.#supervisor = new Supervisor(this.#restarts, supervised, this.#isRef);
    await this.#supervisor.recover(cause);
    return this.#server.addresses;
  }

  #alreadyRunning(): readonly Endpoint[] {
    this.#warn("start: the server is already running");
    return this.#server.addresses;
  }

  #warn(message: string): void {
    this.#emit({ type: "warning", at: Date.now(), message });
  }

  /** @throws {TftpError} START_FAILED */
  #spawn(): ServerThread {
    this.#inherited?.assertOpen();
    return this.#threads.spawn(this.#options.controller);
  }
}
