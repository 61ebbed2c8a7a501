import { setTimeout } from "node:timers/promises";
import { DescriptorLedger } from "../transport/linux/system/descriptor-ledger.ts";
import { toErrorInfo } from "../../contract/errors.ts";
import type { MappedMemory } from "../../contract/thread/mapped-memory.ts";
import type { ExplainedRequest, Explanation } from "../../contract/rules/explanation.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { ReloadableConfig } from "../../contract/options/options.ts";
import type { ServerConfig } from "../../contract/options/server-config.ts";
import type { ServerSnapshot } from "../../contract/thread/server-api.ts";
import { AccessList } from "../requests/access-list.ts";
import type { ServerContext } from "../requests/server-context.ts";
import { DeadlineTimer } from "../transfers/deadline-timer.ts";
import { SharedBlockCache } from "../content/blocks/block-cache.ts";
import type { AskHandler } from "../content/virtual/handler-answers.ts";
import type { VirtualRules } from "../content/virtual/virtual-rules.ts";
import { explain } from "../requests/explain.ts";
import { RequestHandler } from "../requests/request-handler.ts";
import { Listening } from "./listening/listening.ts";
import { LoopWatch } from "./loop-watch.ts";
import { ProbeHandler } from "../requests/probe-handler.ts";
import { openSource } from "./open-source.ts";
import { withRules } from "./with-rules.ts";
import type { FileAccess } from "../content/directory/rooted-directory.ts";
import { warnOfMissingRoots } from "./missing-roots.ts";
import type { RuleSource } from "../content/rules/rule-source.ts";
import { ProgressTicker } from "./progress-ticker.ts";
import { type Deliver, Reporter } from "../transfers/reporter.ts";
import { TransferPorts } from "../requests/ports/transfer-ports.ts";
import { Transfers } from "../requests/registry/transfer-registry.ts";
import { chooseTransport } from "../transport/choose.ts";
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
  /** After a crash: addresses that are missing are left out, and bound when they come. */
  readonly isRestart: boolean;
}

/** What changes with options, besides the context. */
interface Reconfigured {
  readonly rules: RuleSource;
  readonly fileAccess: FileAccess;
}

/**
 * How long start() waits for directories of rules, and stop() for files to be closed, in ms. A thread that ends before loses their descriptors, for Node
 * drops what its pool has not begun; but a file system that hangs must not delay the end.
 */
const FILE_PATIENCE = 250;

/** A running server: the port, the transfers, and all that they share. */
export class Server {
  readonly probes: ProbeHandler;
  readonly #context: ServerContext;
  readonly #reconfigured: Reconfigured;
  readonly #transfers: Transfers;
  readonly #listening: Listening;
  readonly #ticker: ProgressTicker;
  readonly #loopWatch: LoopWatch;

  /** @throws {TftpError} and holds nothing then. */
  static async start(config: ServerConfig, dependencies: ServerDependencies): Promise<Server> {
    const reporter = new Reporter(dependencies.deliver);
    // A caller that awaits the start has every warning by its answer, also if it fails.
    const server = await Server.#open(config, dependencies, reporter).finally(() => reporter.flush());
    // This goes with the next batch: main takes the server for running by then.
    server.#listening.announce();
    return server;
  }

  static async #open(config: ServerConfig, dependencies: ServerDependencies, reporter: Reporter): Promise<Server> {
    const { firstTransferId, mapped, storeSocketPath } = dependencies;
    const warn = (message: string, cause: unknown): void =>
      reporter.report({ type: "warning", message, cause: toErrorInfo(cause) });
    const pending = new PendingWork();
    const fileAccess = { requireWorldReadable: config.requireWorldReadable };
    const { source: stored, blockMemory } = await openSource(config, {
      storeSocketPath,
      reporter,
      pending,
      fileAccess,
    });
    const { source, rules } = withRules(stored, config, { ...dependencies, fileAccess });
    const rootsLookedFor = warnOfMissingRoots(rules, reporter);
    const transport = await pending.during(
      chooseTransport(
        config.transport,
        {
          ledger: new DescriptorLedger(),
          mapped,
          mustNotSleep: () => pending.count > 0,
          bindDevice: config.bindDevice,
          isSinglePort: config.ports === "single",
        },
        warn,
      ),
    );
    const cache = new SharedBlockCache(blockMemory, { warn });
    const access = new AccessList(config);
    const [ports, timer] = [new TransferPorts(transport), new DeadlineTimer()];
    const context = { config, access, reporter, source, transport, ports, cache, pending, timer };
    const transfers = new Transfers();
    const probes = new ProbeHandler(new RequestHandler(context, transfers, firstTransferId), context);
    const { isRestart } = dependencies;
    const listening = new Listening({ config, transport, receiver: probes, reporter, isRestart });
    // Before the first request can arrive.
    probes.listener = listening;
    try {
      await listening.open();
      await atMost(FILE_PATIENCE, rootsLookedFor);
      return new Server(context, { rules, fileAccess }, transfers, probes, listening);
    } catch (error) {
      transport.close();
      await source.close();
      throw error;
    }
  }

  private constructor(
    context: ServerContext,
    reconfigured: Reconfigured,
    transfers: Transfers,
    probes: ProbeHandler,
    listening: Listening,
  ) {
    this.#context = context;
    this.#reconfigured = reconfigured;
    this.#transfers = transfers;
    this.probes = probes;
    this.#listening = listening;
    this.#ticker = new ProgressTicker(transfers);
    this.#loopWatch = new LoopWatch(transfers);
  }

  /** The first address that is bound, or that was bound last. */
  get bound(): Endpoint {
    return this.#listening.bound;
  }

  /** All that is bound. */
  get addresses(): readonly Endpoint[] {
    return this.#listening.addresses;
  }

  /**
   * Takes no new transfers, lets running ones end for at most `graceMs`, sends the clients of the rest an ERROR, and
   * frees everything.
   */
  async stop(graceMs: number): Promise<void> {
    // It takes no more requests from now on, and is closed once no transfer shares its port any more.
    const closed = this.#listening.close();
    await this.#transfers.drained(graceMs);
    this.abort();
    this.probes.stop();
    await closed;
    const { cache, source, transport, reporter } = this.#context;
    this.#ticker.stop();
    this.#loopWatch.stop();
    await atMost(FILE_PATIENCE, Promise.all([this.#transfers.opened(), cache.close()]));
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
    this.#reconfigured.fileAccess.requireWorldReadable = config.requireWorldReadable;
    if (options.rules === undefined) return;
    this.#reconfigured.rules.use(options.rules);
    void warnOfMissingRoots(this.#reconfigured.rules, this.#context.reporter);
  }

  /** What a request would lead to. */
  explain(request: ExplainedRequest): Promise<Explanation> {
    return explain(request, this.#context.source, this.#context.access);
  }

  /** Flushes first: main has the events of everything that it shows when the answer arrives there. */
  snapshot(): ServerSnapshot {
    this.#context.reporter.flush();
    const transfers = [...this.#transfers].flatMap(({ session }) => session?.describe() ?? []);
    return { transfers, counters: this.#context.reporter.counters, loopDelay: this.#loopWatch.describe() };
  }
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work, setTimeout(ms, undefined, { ref: false })]);
}
