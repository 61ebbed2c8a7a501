import { ServerNotRunning, TftpError } from "../contract/errors.ts";
import type { TftpState, TransferEndedEvent } from "../contract/events/events.ts";
import { type BoundAddress, toBoundAddress } from "../contract/endpoint.ts";
import type { Explanation } from "../contract/rules/explanation.ts";
import type { ReloadableOptions, ResolvedOptions, TftpOptions } from "../contract/options/options.ts";
import {
  checkArgument,
  checkGrace,
  checkReloadable,
  checkWorldReadable,
  resolveOptions,
} from "../contract/options/resolve-options.ts";
import type { VirtualContent } from "../contract/rules/virtual-files.ts";
import { openStoreAcross, sourceProcess } from "../object-store/client/source-process.ts";
import type { StoreProcess } from "../object-store/client/store-process.ts";
import { assertNotStore } from "../object-store/client/store-program.ts";
import { withAbsolutePaths } from "./absolute-paths.ts";
import { probe, type ProbeOptions, type ProbeResult } from "./client/probe.ts";
import { Driver, type MethodName } from "./driver.ts";
import { DriverEvents } from "./events/driver-events.ts";
import type { EventFilter, EventFor, EventListener } from "./events/event-hub.ts";
import type { EventStream } from "./events/event-stream.ts";
import { LifetimeCounters } from "./events/lifetime-counters.ts";
import type { TransferFilter } from "./events/transfer-filter.ts";
import type { WaitOptions } from "./events/wait-for-transfer.ts";
import { checkExplained, explainApart, type ExplainOptions } from "./explain.ts";
import { Lifecycle } from "./server/lifecycle.ts";
import type { Snapshot, StartedServer, StartOptions, StopOptions } from "./server/types.ts";
import { prepareRulesLater, withPreparedRules } from "./rules.ts";
import { openStorage } from "./storage/open-storage.ts";
import type { Storage } from "./storage/storage.ts";
import { type AddedFile, type FileHandler, VirtualFiles } from "./virtual-files.ts";

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
 * | `starting` | warns, resolves once it serves   | ends the restart; a joined      | ends it; a joined     | event; tried again, or    |
 * | by restart | again, rejects if it fails       | start rejects with ABORTED      | start: CLOSED         | `failed`                  |
 * | `running`  | warns, resolves                  | stops                           | stops, closes         | event; restarted, or      |
 * |            |                                  |                                 |                       | `failed` without restarts |
 * | `stopping` | starts when the stop has ended   | warns, joins; recalls a waiting | joins; a waiting      | event; stop resolves, for |
 * |            |                                  | start, which rejects: ABORTED   | start rejects: CLOSED | the server is gone        |
 * | `failed`   | starts                           | warns, resolves; `stopped`      | closes                |                           |
 * | closed     | rejects with CLOSED              | warns, resolves                 | joins the first       |                           |
 *
 * A crash rejects every call but snapshot() that waits for an answer with WORKER_CRASHED, and ends the transfers that
 * run. A restart serves on the same host (its addresses are looked for anew) and port, 100 ms after the crash; after
 * further ones within a minute it waits twice as long each time, and after the fifth the next crash is the last:
 * `failed`. The option `restart` can forbid it.
 *
 * A second start()'s signal ends its own waiting only; a second stop()'s ends the grace like the first's.
 */
export class Tftp extends Driver {
  override readonly name = "tftp";
  override readonly clientClass = "jumpstarter_driver_tftp.client.TftpServerClient";
  override readonly exportedMethods: readonly MethodName<Tftp>[] = [
    "start",
    "stop",
    "getHost",
    "getPort",
    "getAddresses",
    "snapshot",
    "history",
    "waitForTransfer",
    "probe",
    "reconfigure",
    "once",
    "events",
    "close",
  ];

  /** Puts files under the root, whether the server runs or not. */
  readonly storage: Storage;

  readonly #options: ResolvedOptions;
  readonly #events: DriverEvents;
  readonly #counters = new LifetimeCounters();
  readonly #virtualFiles = new VirtualFiles();
  readonly #store: StoreProcess | undefined;
  readonly #lifecycle: Lifecycle;

  /** @throws {TftpError} INVALID_OPTION, naming the option, what was expected, and the value. */
  constructor(options?: TftpOptions) {
    super();
    this.#options = withPreparedRules(withAbsolutePaths(resolveOptions(options)));
    this.#events = new DriverEvents(this.#options, this);
    this.#store = sourceProcess(this.#options.server, this.#options.controller.storeUrl, (message) =>
      this.#events.warn(message),
    );
    this.storage = this.addChild(
      openStorage(this.#options, this.#store, (message, cause) => this.#events.warn(message, cause)),
    );
    this.#lifecycle = new Lifecycle(this.#options, {
      emit: this.#events.emit,
      lifetimeCounters: this.#counters,
      virtualFiles: this.#virtualFiles,
      openStore: () => openStoreAcross(this.#store),
    });
  }

  /** The state at this moment; each change is an event of the type "state". */
  get state(): TftpState {
    return this.#lifecycle.server.state;
  }

  /**
   * Starts the server. Resolves with the addresses and the port that are bound. When it rejects, nothing is left behind, and
   * it may be called again.
   * @throws {TftpError} ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION_DENIED, ROOT_NOT_READABLE,
   *   SOURCE_UNAVAILABLE, CACHE_NOT_USABLE, START_TIMEOUT, START_FAILED, WORKER_CRASHED; ABORTED by the signal or a
   *   stop(), CLOSED.
   */
  async start(options: StartOptions = {}): Promise<StartedServer> {
    assertNotStore();
    const recovered = this.storage.recover();
    // In parallel with the thread, which asks for it, and reports what went wrong.
    this.#store?.open().catch(() => {});
    try {
      const addresses = await this.#lifecycle.start(options.signal);
      await recovered;
      const { address, port } = addresses[0] ?? this.#lifecycle.server.endpoint;
      return { host: address, port, addresses: addresses.map(toBoundAddress) };
    } catch (error) {
      if (this.state === "stopped" || this.state === "failed") this.#events.endWaits(error as TftpError);
      throw error;
    }
  }

  /**
   * Takes no new transfers, lets running ones end for `graceMs`, sends the clients of the rest an ERROR, and ends the
   * thread. Resolves within the grace and 2 s, even if the thread does not answer any more. Every event has
   * been emitted by then.
   * @throws {TftpError} INVALID_OPTION for a graceMs out of range.
   */
  async stop(options: StopOptions = {}): Promise<void> {
    const graceMs = checkGrace(options.graceMs ?? this.#options.controller.stopGraceMs);
    await this.#lifecycle.stop(graceMs, options.signal);
    this.#events.endWaits(new ServerNotRunning("waitForTransfer: the server was stopped"));
  }

  /** The first address that is bound, or will be again after a crash; while stopped, the configured one. */
  async getHost(): Promise<string> {
    return this.#lifecycle.server.endpoint.address;
  }

  /** The port that is bound, or will be again after a crash; while stopped, the configured one. */
  async getPort(): Promise<number> {
    return this.#lifecycle.server.endpoint.port;
  }

  /**
   * All addresses that are bound, or will be again after a crash: more than one if the option `host` says so, and none if
   * all of them are gone for now. While stopped, none.
   */
  async getAddresses(): Promise<readonly BoundAddress[]> {
    return this.#lifecycle.server.addresses.map(toBoundAddress);
  }

  /**
   * The driver at this moment; every event up to it has been emitted when this resolves. While not running, and if the
   * thread dies before it answers: no transfers, and the counters as they were last known. Never rejects.
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

  /**
   * The last transfers that ended, over all starts, the very last one first; at most `historySize` of them.
   * @throws {TftpError} INVALID_OPTION
   */
  history({ limit }: { readonly limit?: number | undefined } = {}): readonly TransferEndedEvent[] {
    return this.#events.history(checkArgument("limit", limit) ?? Infinity);
  }

  /**
   * Resolves with the first transfer that ends after this call and matches the filter.
   * @throws {TftpError} WAIT_TIMEOUT, whose message says what happened meanwhile; NOT_RUNNING if the server is not
   *   running or is stopped; CLOSED; WORKER_CRASHED if its thread died for good; ABORTED by the signal; INVALID_OPTION.
   */
  async waitForTransfer(filter: TransferFilter = {}, options: WaitOptions = {}): Promise<TransferEndedEvent> {
    if (this.state === "stopped" || this.state === "failed") throw new ServerNotRunning();
    return this.#events.waitForTransfer(filter, options);
  }

  /**
   * Changes limits, time-outs, rules, and the lists of clients, whether the server runs or not; what is left out stays as it
   * is. The new values hold for requests from then on: running transfers go on as they began.
   * @throws {TftpError} INVALID_OPTION, also for an option that cannot change while the server runs.
   */
  async reconfigure(options: ReloadableOptions): Promise<void> {
    const checked = checkReloadable(options);
    const hasSource = this.#options.server.source !== undefined;
    const { rules } = checked;
    checkWorldReadable(checked.requireWorldReadable, this.#options.server);
    await this.#lifecycle.reconfigure(
      rules === undefined ? checked : { ...checked, rules: await prepareRulesLater(rules, { hasSource }) },
    );
  }

  /**
   * Says what a request would lead to: which rule would be applied, where the file is looked for, and what would be
   * served. Nothing is sent, no handler is called, no event emitted. If the server does not run, a thread is started for
   * the answer, which binds no port.
   * @throws {TftpError} INVALID_OPTION, ROOT_NOT_READABLE, SOURCE_UNAVAILABLE, START_FAILED, WORKER_CRASHED.
   */
  async explain(name: string, options: ExplainOptions): Promise<Explanation> {
    const request = checkExplained(name, options);
    const { options: current } = this.#lifecycle;
    if (this.state === "running") return await this.#lifecycle.server.running.call("explain", request, current.server);
    const openStore = (): Promise<string> => openStoreAcross(this.#store);
    return await explainApart(request, current, { virtualFiles: this.#virtualFiles, openStore });
  }

  /**
   * Fetches a few random bytes through the bound port, end to end, as a board would; on the loopback interface if all
   * addresses are bound. It is no event, and is neither counted nor limited: it is no board's transfer.
   * @throws {TftpError} PROBE_FAILED with the reason; NOT_RUNNING, ABORTED, INVALID_OPTION.
   */
  async probe(options: ProbeOptions = {}): Promise<ProbeResult> {
    return probe(this.#lifecycle.server.running, options);
  }

  /**
   * Adds a virtual file under every name that the pattern matches: always the same content, or what a handler returns
   * for the client that asks. Works at any time. `remove()` of what it returns takes the rule away again; `ready`
   * resolves once a running server knows the rule.
   *
   * The first rule that matches wins, whatever its kind; the disk comes after the last one. Names are matched without
   * `/` at their start, and with `/` between their parts.
   *
   * A handler runs in this thread, in the async context of this call (AsyncLocalStorage). While it is blocked, all files without a handler are served. One that throws, or
   * takes longer than `handlerTimeoutMs`, costs the client its request: ERROR 0, and an event "refused" with the reason
   * "handler-error". A client (address) that asks for the same name again within 5 s of the answer gets the same one.
   * @param pattern A glob of `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `{1..9}` and `\`, such as "pxelinux.cfg/*" (a
   *   `*` stands for a dot at the start, too); or a RegExp. Neither is asked about a name with a part of more than 255
   *   bytes. A glob takes a time that grows with the name only; a RegExp runs in the server's thread, over names that
   *   any client can choose: one that goes back and forth over them, such as /(a+)+$/, can block all transfers.
   * @param content Text (as UTF-8), bytes, `{ path }`, or a handler. Bytes are copied.
   * @throws {TftpError} INVALID_OPTION
   */
  addFile(pattern: string | RegExp, content: FileHandler | VirtualContent): AddedFile {
    return this.#virtualFiles.add(pattern, content);
  }

  /**
   * Calls back on every event of that type, or on all of them (`"*"`), in order, in the async context of this call
   * (AsyncLocalStorage). Returns how to unsubscribe.
   * What a listener throws, or rejects with, goes to the logger's `error`, else to process.emitWarning.
   * @throws {TftpError} INVALID_OPTION if there is no such type.
   */
  on<Filter extends EventFilter>(filter: Filter, listener: EventListener<EventFor<Filter>>): () => void {
    return this.#events.hub.on(filter, listener);
  }

  /**
   * Resolves with the next event of that type, or of any type (`"*"`).
   * @throws {TftpError} ABORTED by the signal; CLOSED if the driver is closed first; INVALID_OPTION.
   */
  once<Filter extends EventFilter>(
    filter: Filter,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<EventFor<Filter>> {
    return this.#events.hub.once(filter, signal);
  }

  /**
   * All events from now on, for `for await`; the signal, `break`, or close() ends it, without an error. A reader that
   * falls behind by more than 1,000 events loses the oldest, and gets a `{ type: "lost", count }` in their place.
   */
  events({ signal }: { readonly signal?: AbortSignal | undefined } = {}): EventStream {
    return this.#events.hub.stream(signal);
  }

  /** Keeps the process alive while the server runs, which is the default, as with net.Server. */
  ref(): this {
    this.#lifecycle.setRef(true);
    return this;
  }

  /** Lets the process end although the server runs. A start or stop under way keeps it alive all the same. */
  unref(): this {
    this.#lifecycle.setRef(false);
    return this;
  }

  protected override async endService(): Promise<void> {
    await this.#lifecycle.close();
    this.#events.endWaits(new TftpError("CLOSED", "waitForTransfer: the driver was closed"));
  }

  protected override async release(): Promise<void> {
    await this.#store?.close();
    this.#events.hub.close();
  }
}
