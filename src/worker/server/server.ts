import { setTimeout } from "node:timers/promises";
import { DescriptorLedger } from "../transport/linux/descriptor-ledger.ts";
import { toErrorInfo } from "../../contract/errors.ts";
import type { MappedMemory } from "../../contract/mapped-memory.ts";
import type { Endpoint } from "../../contract/events.ts";
import type { ReloadableConfig, ServerConfig } from "../../contract/options.ts";
import type { ServerSnapshot } from "../../contract/server-api.ts";
import { AccessList } from "../requests/access-list.ts";
import type { ServerContext } from "../requests/server-context.ts";
import { DeadlineTimer } from "../transfers/deadline-timer.ts";
import { SharedBlockCache } from "../content/blocks/block-cache.ts";
import type { ContentSource } from "../content/content.ts";
import { type AskHandler, HandlerAnswers } from "../content/virtual/handler-answers.ts";
import { VirtualFileSource } from "../content/virtual/virtual-file-source.ts";
import type { VirtualRules } from "../content/virtual/virtual-rules.ts";
import { allAddresses, defaultAddress, DefaultAddressWatch } from "./default-address.ts";
import { RequestHandler } from "../requests/request-handler.ts";
import { LoopWatch } from "./loop-watch.ts";
import { ProbeHandler } from "../requests/probe-handler.ts";
import { openSource } from "./open-source.ts";
import { ProgressTicker } from "./progress-ticker.ts";
import { type Deliver, Reporter } from "../transfers/reporter.ts";
import { bindFailure, socketFailure } from "./start-failure.ts";
import { Transfers } from "../requests/transfer-registry.ts";
import { chooseTransport } from "../transport/choose.ts";
import type { Listener } from "../transport/transport.ts";
import { PendingWork } from "../transfers/pending-work.ts";

/** What a server is constructed with. */
export interface ServerDependencies {
  readonly deliver: Deliver;
  /** Transfers are numbered from here on: a restarted thread continues the numbers of the last one. */
  readonly firstTransferId: number;
  readonly virtualRules: VirtualRules;
  readonly askHandler: AskHandler;
  readonly mapped: MappedMemory;
  /** Ensures that the store's process runs, and resolves with the path of its socket. */
  readonly storeSocketPath: () => Promise<string>;
}

/**
 * How long stop() waits for files to be closed, in ms. A thread that ends before loses their descriptors, for Node
 * drops what its pool has not begun; but a file system that hangs must not delay the end.
 */
const CLOSING_PATIENCE = 250;

/** A running server: the port, the transfers, and all that they share. */
export class Server {
  readonly probes: ProbeHandler;
  readonly #context: ServerContext;
  readonly #transfers: Transfers;
  #listener: Listener;
  readonly #ticker: ProgressTicker;
  readonly #loopWatch: LoopWatch;
  readonly #addressWatch: DefaultAddressWatch | undefined;
  /** The address that it could not follow the default route to. */
  #unbindable: string | undefined;
  #isStopping = false;

  /** @throws {TftpError} and holds nothing then. */
  static async start(config: ServerConfig, dependencies: ServerDependencies): Promise<Server> {
    const { firstTransferId, mapped, storeSocketPath } = dependencies;
    const reporter = new Reporter(dependencies.deliver);
    const warn = (message: string, cause: unknown): void =>
      reporter.report({ type: "warning", message, cause: toErrorInfo(cause) });
    const pending = new PendingWork();
    const { source: stored, blockMemory } = await openSource(config, { storeSocketPath, reporter, pending });
    const source = withVirtualFiles(stored, config, dependencies);
    const transport = await chooseTransport(
      config.transport,
      { ledger: new DescriptorLedger(), mapped, mustNotSleep: () => pending.count > 0 },
      warn,
    );
    const cache = new SharedBlockCache(blockMemory, { warn });
    const access = new AccessList(config);
    const context = { config, access, reporter, source, transport, cache, pending, timer: new DeadlineTimer() };
    const transfers = new Transfers();
    const probes = new ProbeHandler(new RequestHandler(context, transfers, firstTransferId), context);
    const { socketFd } = config;
    const host = socketFd === undefined ? await chooseHost(config.host, reporter) : config.host;
    const at = { address: host, port: config.port };
    try {
      const listener = await (socketFd === undefined
        ? transport.listen(at, probes)
        : transport.adopt(socketFd, probes));
      probes.listener = listener;
      return new Server(context, transfers, probes, listener);
    } catch (error) {
      transport.close();
      await source.close();
      throw socketFd === undefined ? bindFailure(error, at) : socketFailure(error, socketFd);
    }
  }

  private constructor(context: ServerContext, transfers: Transfers, probes: ProbeHandler, listener: Listener) {
    this.#context = context;
    this.#transfers = transfers;
    this.probes = probes;
    this.#listener = listener;
    this.#ticker = new ProgressTicker(transfers);
    this.#loopWatch = new LoopWatch(transfers);
    const { address, port } = this.bound;
    const { host, socketFd } = context.config;
    const isChosen = host === "" && socketFd === undefined && address !== "0.0.0.0" && address !== "::";
    this.#addressWatch = isChosen
      ? new DefaultAddressWatch(address, (to) => this.#move({ address: to, port }))
      : undefined;
    this.#reportListening();
  }

  get bound(): Endpoint {
    return this.#listener.bound;
  }

  /**
   * Takes no new transfers, lets running ones end for at most `graceMs`, sends the clients of the rest an ERROR, and
   * frees everything.
   */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#addressWatch?.stop();
    await this.#listener.close();
    await this.#transfers.drained(graceMs);
    this.abort();
    this.probes.stop();
    const { cache, source, transport, reporter } = this.#context;
    this.#ticker.stop();
    this.#loopWatch.stop();
    await atMost(CLOSING_PATIENCE, Promise.all([this.#transfers.opened(), cache.close()]));
    await source.close();
    transport.close();
    reporter.report({ type: "stopped" });
    // Goes out before the answer to the stop does: a caller that awaits the stop has every transfer's event by then.
    reporter.flush();
  }

  /** Ends all running transfers now. */
  abort(): void {
    for (const transfer of this.#transfers) transfer.stop();
  }

  /** For requests from now on. */
  reconfigure(options: Partial<ReloadableConfig>): void {
    const config = { ...this.#context.config, ...options };
    this.#context.config = config;
    this.#context.access = new AccessList(config);
  }

  /**
   * An empty host follows the default route's address, as it changes with a DHCP lease. Running transfers have sockets
   * of their own, and go on for as long as the old address is there. False: the address cannot be bound yet.
   */
  async #move(to: Endpoint): Promise<boolean> {
    const { transport, reporter } = this.#context;
    try {
      const listener = await transport.listen(to, this.probes);
      if (this.#isStopping) {
        await listener.close();
        return true;
      }
      const old = this.#listener;
      this.#listener = this.probes.listener = listener;
      this.#reportListening();
      await old.close();
      return true;
    } catch (error) {
      const message = `the default route leaves from ${to.address} now, but the server stays on ${this.bound.address}`;
      // Once: it is tried again every few seconds.
      if (this.#unbindable !== to.address)
        reporter.report({ type: "warning", message, cause: toErrorInfo(bindFailure(error, to)) });
      this.#unbindable = to.address;
      return false;
    }
  }

  #reportListening(): void {
    const { reporter, transport } = this.#context;
    const { address: host, port } = this.bound;
    reporter.report({ type: "listening", host, port, transport: transport.name });
  }

  /** Flushes first: main has the events of everything that it shows when the answer arrives there. */
  snapshot(): ServerSnapshot {
    this.#context.reporter.flush();
    const transfers = [...this.#transfers].flatMap(({ session }) => session?.describe() ?? []);
    return { transfers, counters: this.#context.reporter.counters, loopDelay: this.#loopWatch.describe() };
  }
}

function withVirtualFiles(
  source: ContentSource,
  config: ServerConfig,
  dependencies: ServerDependencies,
): ContentSource {
  const { handlerTimeoutMs: timeoutMs, handlerMemoryBytes: maxBytes, maxTransfers: maxOpen, rootDir } = config;
  return new VirtualFileSource(
    dependencies.virtualRules,
    new HandlerAnswers(dependencies.askHandler, { timeoutMs, maxOpen, maxBytes }),
    rootDir,
    source,
  );
}

/** An empty host stands for the address that the default route leaves from. */
async function chooseHost(host: string, reporter: Reporter): Promise<string> {
  if (host !== "") return host;
  const address = await defaultAddress();
  if (address !== undefined) return address;
  const all = allAddresses();
  reporter.report({ type: "warning", message: `there is no default route: binding all addresses (${all})` });
  return all;
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, setTimeout(ms, undefined, { ref: false })]);
}
