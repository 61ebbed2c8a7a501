import type { Counters } from "../contract/counters.ts";
import { toError, ServerNotRunning, TftpError, toErrorInfo } from "../contract/errors.ts";
import type { TftpEvent, TransferEndedEvent } from "../contract/events.ts";
import {
  checkArgument,
  checkGrace,
  checkReloadable,
  type ReloadableOptions,
  type Logger,
  type ResolvedOptions,
  resolveOptions,
  type TftpOptions,
} from "../contract/options.ts";
import type { VirtualContent } from "../contract/virtual-files.ts";
import type { LoopDelay, RunningTransfer } from "../contract/server-api.ts";
import { withAbsolutePaths } from "./absolute-paths.ts";
import { Driver } from "./driver.ts";
import { EventHub, type EventFilter, type EventFor, type EventListener } from "./events/event-hub.ts";
import { logEvent } from "./events/log-event.ts";
import { Lifecycle, type TftpState } from "./server/lifecycle.ts";
import { LocalDirectory } from "./storage/local/local-directory.ts";
import { ObjectBackend } from "./storage/object-store/object-backend.ts";
import type { StorageBackend } from "./storage/backend.ts";
import { Storage } from "./storage/storage.ts";
import { type FileHandler, type ServedFile, VirtualFiles } from "./virtual-files.ts";
import { probe, type ProbeOptions, type ProbeResult } from "./client/probe.ts";
import { EndedTransfers } from "./events/transfer-history.ts";
import type { EventStream } from "./events/event-stream.ts";
import { LifetimeCounters } from "./events/lifetime-counters.ts";
import type { TransferFilter } from "./events/transfer-filter.ts";
import { TransferWaits, type WaitOptions } from "./events/wait-for-transfer.ts";
import { openOverTheWall, sourceProcess } from "../object-store/client/source-process.ts";
import type { StoreProcess } from "../object-store/client/store-process.ts";

export interface StartOptions {
  /** Gives the start up: it rejects with ABORTED once the thread is gone. */
  readonly signal?: AbortSignal;
}

export interface StopOptions {
  /** How long running transfers may go on, in ms, 0 to 3600000. Default: the option stopGraceMs. */
  readonly graceMs?: number;
  /** Ends the grace: running transfers are told at once (ERROR 0), and stop() resolves. */
  readonly signal?: AbortSignal;
}

/** The driver at one moment. */
export interface Snapshot {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  readonly state: TftpState;
  /** Empty where no thread serves. */
  readonly transfers: readonly RunningTransfer[];
  /** Since the driver was made, over all its starts and restarts. */
  readonly counters: Counters;
  /** Absent where no thread serves. */
  readonly loopDelay?: LoopDelay;
}

/**
 * A read-only TFTP server in a thread of its own. The thread, its event loop and its sockets live exactly from
 * start() to stop().
 *
 * Calls may overlap in any way:
 *
 * | while      | start()                          | stop()                          | close()               | a crash                   |
 * | ---------- | -------------------------------- | ------------------------------- | --------------------- | ------------------------- |
 * | `stopped`  | starts                           | warns, resolves                 | closes                |                           |
 * | `starting` | warns, shares the first's result | start rejects with ABORTED      | start: CLOSED         | start: WORKER_CRASHED     |
 * | `starting` | warns, resolves once it serves   | gives the restart up; a joined  | gives it up; a joined | event; tried again, or    |
 * | by restart | again, rejects where it fails    | start rejects with ABORTED      | start: CLOSED         | `failed`                  |
 * | `running`  | warns, resolves                  | stops                           | stops, closes         | event; restarted, or      |
 * |            |                                  |                                 |                       | `failed` without restarts |
 * | `stopping` | starts when the stop has ended   | warns, joins; recalls a waiting | joins; a waiting      | event; stop resolves, for |
 * |            |                                  | start, which rejects: ABORTED   | start rejects: CLOSED | the server is gone        |
 * | `failed`   | starts                           | warns, resolves; `stopped`      | closes                |                           |
 * | closed     | rejects with CLOSED              | warns, resolves                 | joins the first       |                           |
 *
 * A crash rejects every call that waits for an answer with WORKER_CRASHED, and ends the transfers that run. A restart
 * serves on the same host and port, 100 ms after the crash; after further ones within a minute it waits twice as long
 * each time, and after the fifth the next crash is the last: `failed`. The option `restart` can forbid it.
 *
 * A second start()'s signal ends its own waiting only; a second stop()'s ends the grace like the first's.
 */
export class Tftp extends Driver {
  override readonly name = "tftp";
  override readonly exportedMethods: readonly string[] = [
    "start",
    "stop",
    "getHost",
    "getPort",
    "snapshot",
    "history",
    "waitForTransfer",
    "probe",
    "close",
  ];

  /** Puts files under the root, whether the server runs or not. */
  readonly storage: Storage;

  readonly #options: ResolvedOptions;
  readonly #events: EventHub;
  readonly #virtualFiles = new VirtualFiles();
  readonly #store: StoreProcess | undefined;
  readonly #lifecycle: Lifecycle;
  readonly #counters = new LifetimeCounters();
  readonly #ended: EndedTransfers;
  readonly #waits = new TransferWaits();

  /** @throws {TftpError} INVALID_OPTION, naming the option, what was expected, and the value. */
  constructor(options?: TftpOptions) {
    super();
    this.#options = withAbsolutePaths(resolveOptions(options));
    const { logger } = this.#options;
    this.#events = new EventHub((error, event) => reportListenerError(logger, error, event));
    if (logger) this.#events.on("*", (event) => logEvent(logger, event));
    this.#store = sourceProcess(this.#options.server, (message) => this.#warn(message));
    this.storage = this.addChild(this.#openStorage());
    this.#ended = new EndedTransfers(this.#options.controller.historySize);
    this.#lifecycle = new Lifecycle(this.#options, (event) => this.#tell(event), {
      lifetimeCounters: this.#counters,
      virtualFiles: this.#virtualFiles,
      openStore: () => openOverTheWall(this.#store),
    });
  }

  get state(): TftpState {
    return this.#lifecycle.state;
  }

  /**
   * Resolves once the port is bound. When it rejects, nothing is left behind, and it may be called again.
   * @throws {TftpError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION_DENIED, ROOT_NOT_READABLE, SOURCE_UNAVAILABLE,
   *   CACHE_NOT_USABLE, START_TIMEOUT, START_FAILED, WORKER_CRASHED; ABORTED by the signal or a stop(), CLOSED.
   */
  async start(options: StartOptions = {}): Promise<void> {
    const recovered = this.storage.recover();
    // Beside the thread, which asks for it, and is told what went wrong.
    this.#store?.open().catch(() => {});
    try {
      await this.#lifecycle.start(options.signal);
      await recovered;
    } catch (error) {
      if (this.state === "stopped" || this.state === "failed") this.#waits.endAll(error as TftpError);
      throw error;
    }
  }

  /**
   * Takes no new transfers, lets running ones end for `graceMs`, tells the clients of the rest, and ends the thread.
   * Resolves within the grace and half a second, also where the thread does not answer any more. Every event has been
   * told by then.
   * @throws {TftpError} INVALID_OPTION for a graceMs out of range.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const graceMs = checkGrace(options.graceMs ?? this.#options.controller.stopGraceMs);
    await this.#lifecycle.stop(graceMs, options.signal);
    this.#waits.endAll(new ServerNotRunning("waitForTransfer: the server was stopped"));
  }

  /** The address that is bound, or will be again after a crash; while stopped, the configured one. */
  async getHost(): Promise<string> {
    return this.state === "running" ? this.#lifecycle.running.call("getHost") : this.#lifecycle.endpoint.address;
  }

  /** The port that is bound, or will be again after a crash; while stopped, the configured one. */
  async getPort(): Promise<number> {
    return this.state === "running" ? this.#lifecycle.running.call("getPort") : this.#lifecycle.endpoint.port;
  }

  /**
   * What is going on at this moment; every event up to it has been told when this resolves. While not running: no
   * transfers, and the counters as they were last known.
   * @throws {TftpError} WORKER_CRASHED where the thread dies over it.
   */
  async snapshot(): Promise<Snapshot> {
    const thread = await this.#lifecycle.snapshot();
    return {
      at: Date.now(),
      state: this.state,
      transfers: thread?.transfers ?? [],
      counters: this.#counters.total,
      ...(thread && { loopDelay: thread.loopDelay }),
    };
  }

  /** The last transfers that ended, the very last one first; of all starts, as many as the option historySize says. */
  history({ limit }: { readonly limit?: number } = {}): readonly TransferEndedEvent[] {
    return this.#ended.latest(checkArgument("limit", limit) ?? Infinity);
  }

  /**
   * Resolves with the first transfer that ends after this call and is the one meant.
   * @throws {TftpError} WAIT_TIMEOUT, whose message tells what was seen meanwhile; NOT_RUNNING where the server is not
   *   running or is stopped; CLOSED; WORKER_CRASHED where its thread died for good; ABORTED by the signal;
   *   INVALID_OPTION.
   */
  async waitForTransfer(filter: TransferFilter = {}, options: WaitOptions = {}): Promise<TransferEndedEvent> {
    if (this.state === "stopped" || this.state === "failed") throw new ServerNotRunning();
    return this.#waits.add(filter, options);
  }

  /**
   * Changes limits, time-outs, and who may ask, whether the server runs or not; what is left out stays as it is. All of
   * it holds for requests from then on: running transfers go on as they began.
   * @throws {TftpError} INVALID_OPTION, also for an option that cannot change while the server runs.
   */
  async reconfigure(options: Partial<ReloadableOptions>): Promise<void> {
    await this.#lifecycle.reconfigure(checkReloadable(options));
  }

  /**
   * Fetches a few random bytes through the bound port, end to end, as a board would; on the loopback interface where
   * all addresses are bound. Not an event, nor counted, nor limited: it is no board's transfer.
   * @throws {TftpError} PROBE_FAILED with the reason; NOT_RUNNING, ABORTED, INVALID_OPTION.
   */
  async probe(options: ProbeOptions = {}): Promise<ProbeResult> {
    return probe(this.#lifecycle.running, options);
  }

  /**
   * Serves a virtual file under every name that the pattern matches: always the same content, or what a handler makes
   * for whoever asks. Works at any time. Call what it returns to remove the rule again; its `ready` resolves once a
   * running server knows the rule.
   *
   * The first rule that matches wins, whatever its kind; the disk comes after the last one. Names are matched without
   * `/` at their start, and with `/` between their parts.
   *
   * A handler runs in this thread. While it is blocked, all files without a handler are served. One that throws, or takes
   * longer than `handlerTimeoutMs`, costs the client its request: ERROR 0, and an event "refused" with the reason
   * "handler-error". A client (address) that asks for the same name again within 5 s of the answer gets the same one.
   * @param pattern A glob of `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `{1..9}` and `\`, such as "pxelinux.cfg/*" (a `*`
   *   stands for a dot at the start, too); or a RegExp. Neither is asked about a name with a part of more than 255 bytes.
   *   A glob takes a time that grows with the name only; a RegExp runs in the server's thread, over names that anybody can
   *   choose: one that goes back and forth over them, such as /(a+)+$/, can block all transfers.
   * @param content Text (as UTF-8), bytes, `{ path }`, or a handler. Bytes are copied.
   * @throws {TftpError} INVALID_OPTION
   */
  serve(pattern: string | RegExp, content: FileHandler | VirtualContent): ServedFile {
    return this.#virtualFiles.add(pattern, content);
  }

  /**
   * Calls back on every event of that type, or on all of them (`"*"`), in order. Returns how to unsubscribe.
   * What a listener throws, or rejects with, goes to the logger's `error`, else to process.emitWarning.
   */
  on<Filter extends EventFilter>(filter: Filter, listener: EventListener<EventFor<Filter>>): () => void {
    return this.#events.on(filter, listener);
  }

  /**
   * All events from now on, for `for await`; the signal, `break`, or close() ends it, without an error. A reader that
   * falls behind by more than 1,000 events loses the oldest, and gets a `{ type: "lost", count }` in their place.
   */
  events({ signal }: { readonly signal?: AbortSignal } = {}): EventStream {
    return this.#events.stream(signal);
  }

  /** The process stays alive while the server runs. So it is by default, as with net.Server. */
  ref(): this {
    this.#lifecycle.setRef(true);
    return this;
  }

  /** The process may end although the server runs. A start or stop under way is waited for all the same. */
  unref(): this {
    this.#lifecycle.setRef(false);
    return this;
  }

  protected override async endService(): Promise<void> {
    await this.#lifecycle.close();
    this.#waits.endAll(new TftpError("CLOSED", "waitForTransfer: the driver was closed"));
  }

  protected override async release(): Promise<void> {
    await this.#store?.close();
    this.#events.close();
  }

  #tell(event: TftpEvent): void {
    if (event.type === "transfer-ended") this.#ended.add(event);
    this.#waits.see(event);
    if (event.type === "worker-crashed" && event.restartInMs === undefined) {
      this.#waits.endAll(toError(event.cause) as TftpError);
    }
    this.#events.emit(event);
  }

  #openStorage(): Storage {
    const { controller } = this.#options;
    return new Storage(this.#openBackend(), {
      removeCreatedOnClose: controller.removeCreatedOnClose,
      journal: controller.journal,
      warn: (message, cause) => this.#warn(message, cause),
    });
  }

  #openBackend(): StorageBackend {
    const { rootDir, symlinks, source, sourceTimeoutMs } = this.#options.server;
    const store = this.#store;
    if (source === undefined || store === undefined) return new LocalDirectory(rootDir, symlinks);
    return new ObjectBackend(source, sourceTimeoutMs, () => store.open());
  }

  #warn(message: string, cause?: unknown): void {
    const told = { type: "warning", at: Date.now(), message } as const;
    this.#events.emit(cause === undefined ? told : { ...told, cause: toErrorInfo(cause) });
  }
}

function reportListenerError(logger: Logger | undefined, thrown: unknown, event: TftpEvent): void {
  const message = `a listener of the event "${event.type}" failed`;
  const error = new TftpError("INTERNAL", message, { cause: thrown });
  try {
    if (logger) return logger.error({ err: thrown, event }, message);
  } catch {
    // The logger is the listener that fails: the process is told instead.
  }
  process.emitWarning(error);
}
