import { TftpError } from "../contract/errors.ts";
import type { Logger } from "../contract/options/options.ts";
import { showValue } from "../contract/text/show-value.ts";
import type { ExportRoot } from "./drivers/export-tree.ts";
import {
  type ExporterEventFilter,
  type ExporterEventFor,
  type ExporterEventListener,
  ExporterEvents,
} from "./exporter-events.ts";
import { pause } from "./controller/back-off.ts";
import { checkIdentity, type ConnectOptions, credentialsFor } from "./controller/connect-options.ts";
import { ControllerLink } from "./controller/controller-link.ts";
import { READY } from "./controller/lease-hooks.ts";
import { LeaseKeeper } from "./controller/lease-keeper.ts";
import { RouterConnection } from "./controller/router-connection.ts";
import { hasLentDriver } from "./drivers/export-tree.ts";
import { resolveHooks } from "./hooks/hook-options.ts";
import { HookRunner } from "./hooks/hook-runner.ts";
import { checkFetchPolicy, type FetchPolicy } from "./fetch/fetch-policy.ts";
import { parseListenAddress } from "./server/listen-address.ts";
import { Listener, type TlsIdentity } from "./server/listener.ts";
import { openSession, type SessionStart } from "./session/open-session.ts";
import { Passphrase } from "./session/passphrase.ts";
import type { Session } from "./session/session.ts";

/** The options of `new Exporter()`; all of them may be left out. */
export interface ExporterOptions {
  /** Of the root, as `j --help` shows it. */
  readonly description?: string | undefined;
  /** Gets every event, with a level and a message. Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /**
   * Which URLs it fetches for clients that upload from one (`write_from_path("f", "https://…")`; http and https only).
   * "network": not from this machine, its link, or a cloud's metadata addresses, by whatever name or redirect;
   * "anywhere": from those, too; "never": from none.
   * @default "network"
   */
  readonly fetchUrls?: FetchPolicy | undefined;
}

/** The options of `exporter.listen()`; all of them may be left out. */
export interface ListenOptions {
  /** Serve by TLS. Default: in clear text, which is meant for unix sockets and the loopback interface. */
  readonly tls?: TlsIdentity | undefined;
  /** What clients must give (`jmp shell --passphrase`). Default: none is needed. */
  readonly passphrase?: string | undefined;
}

/** A controller that an exporter is connected to. */
export interface Connected {
  /**
   * Resolves when the exporter has left the controller: with undefined after close(); with an error if a hook has
   * failed whose `onFailure` is "exit". Never rejects.
   */
  readonly ended: Promise<Error | undefined>;
  /**
   * Ends the lease that is on, with its hooks, reports OFFLINE and unregisters; after 10 s without an answer it leaves
   * all the same.
   */
  close(): Promise<void>;
}

/** An address that an exporter listens on. */
export interface Listening {
  /** "unix:/PATH" or "HOST:PORT", with the port that is bound. */
  readonly address: string;
  /** Ends the connections that it has, too. */
  close(): Promise<void>;
}

/**
 * Offers drivers to the clients of Jumpstarter: the Python package and its command `jmp`. It is gRPC's server for them.
 *
 * Drivers that are given as functions are made when the first client can come, and closed by close(); those that are
 * given themselves are only lent, and stay open.
 */
export class Exporter implements AsyncDisposable {
  readonly #root: ExportRoot;
  readonly #options: ExporterOptions;
  readonly #events: ExporterEvents;
  readonly #listeners = new Set<Listener>();
  #session: Session | undefined;
  #keeper: LeaseKeeper | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param root A driver, or several by the names that clients use.
   * @throws {TftpError} INVALID_OPTION
   */
  constructor(root: ExportRoot, options: ExporterOptions = {}) {
    this.#root = root;
    checkFetchPolicy(options.fetchUrls);
    this.#options = options;
    this.#events = new ExporterEvents(options.logger);
  }

  /**
   * Serves clients on "unix:/PATH" or "[HOST:]PORT"; without a host on the loopback interface. It may be called for
   * several addresses: they share the drivers.
   *
   * The directory of a unix socket is made for this user only, if it is missing; if others may write to it, it is
   * refused. Without TLS a client and its passphrase are seen by everybody on the way.
   * @throws {TftpError} INVALID_OPTION, ADDRESS_IN_USE, ADDRESS_NOT_AVAILABLE, PERMISSION_DENIED, START_FAILED, CLOSED.
   */
  async listen(address: string, { tls, passphrase }: ListenOptions = {}): Promise<Listening> {
    if (this.#isClosing()) throw new TftpError("CLOSED", "listen: the exporter was closed");
    const parsed = parseListenAddress(address);
    const guard = passphrase === undefined ? undefined : new Passphrase(checkPassphrase(passphrase));
    this.#session ??= this.#openSession();
    const listener = await Listener.open(parsed, this.#session, tls, guard);
    // It was closed meanwhile, with the listeners that it had.
    if (this.#isClosing()) {
      await listener.close();
      throw new TftpError("CLOSED", "listen: the exporter was closed");
    }
    this.#listeners.add(listener);
    this.#events.emit({ type: "exporter-listening", address: listener.address });
    return {
      address: listener.address,
      close: async () => {
        this.#listeners.delete(listener);
        await listener.close();
      },
    };
  }

  /**
   * Offers the drivers through Jumpstarter's controller and router. Resolves at once: the event "controller" says when
   * it is registered, and the exporter tries for ever, after each outage again. Each lease has drivers of its own, so
   * all of them must be given as functions. They are closed at its end, which removes what was uploaded.
   * @throws {TftpError} INVALID_OPTION, also for a driver that is only lent; CLOSED.
   */
  async connect(options: ConnectOptions): Promise<Connected> {
    if (this.#isClosing()) throw new TftpError("CLOSED", "connect: the exporter was closed");
    if (this.#keeper) throw new TftpError("INVALID_OPTION", "connect: expected at most one controller");
    const identity = checkIdentity(options);
    const credentials = credentialsFor(options.tls);
    if (hasLentDriver(this.#root)) {
      throw new TftpError("INVALID_OPTION", "drivers: expected functions that make them, for each lease has its own");
    }
    const hooks = new HookRunner(resolveHooks(options.hooks), this.#events);
    const link = new ControllerLink(identity, credentials);
    const keeper = new LeaseKeeper({
      endpoint: identity.endpoint,
      calls: link,
      openSession: (status, message, endLease) => this.#openSession({ status, message, endLease }),
      hooks,
      connect: (dialled) => new RouterConnection(dialled, credentials),
      events: this.#events,
      pause,
    });
    const ended = keeper.ended.finally(() => link.close());
    this.#keeper = keeper;
    return { ended, close: () => keeper.leave() };
  }

  /**
   * Calls back on every event of that type, or on all of them (`"*"`), in order. Returns how to unsubscribe.
   * @throws {TftpError} INVALID_OPTION if there is no such type.
   */
  on<Filter extends ExporterEventFilter>(
    filter: Filter,
    listener: ExporterEventListener<ExporterEventFor<Filter>>,
  ): () => void {
    return this.#events.on(filter, listener);
  }

  /**
   * Ends the connections, gives up what clients have open, and closes the drivers that it has made. Every call after
   * the first joins it.
   * @throws {Error} what closing a driver failed with.
   */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #isClosing(): boolean {
    return this.#closing !== undefined;
  }

  async #closeAll(): Promise<void> {
    await Promise.all([...[...this.#listeners].map((listener) => listener.close()), this.#keeper?.leave()]);
    await this.#session?.close();
  }

  #openSession(start: Pick<SessionStart, "status" | "message" | "endLease"> = READY): Session {
    const { description, fetchUrls } = this.#options;
    return openSession({ root: this.#root, description, fetchUrls, ...start }, this.#events);
  }
}

function checkPassphrase(passphrase: unknown): string {
  if (typeof passphrase === "string" && /^[\x21-\x7e]+$/.test(passphrase)) return passphrase;
  const got = typeof passphrase === "string" ? "another string" : showValue(passphrase);
  throw new TftpError("INVALID_OPTION", `passphrase: expected printable ASCII characters without spaces, got ${got}`);
}
