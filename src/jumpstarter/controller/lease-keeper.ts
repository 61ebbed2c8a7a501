import type { Duplex } from "node:stream";
import { toErrorInfo } from "../../contract/errors.ts";
import type { ExporterEvents } from "../exporter-events.ts";
import { serveConnection } from "../server/serve-connection.ts";
import type { Session } from "../session/session.ts";
import type { ListenReply } from "../wire/controller-messages.ts";
import { BackOff } from "./back-off.ts";
import type { ControllerCalls } from "./controller-link.ts";
import { LeaseMachine, type LeaseStep, type WantedLease } from "./lease-machine.ts";
import { StatusReporter } from "./status-reporter.ts";

/** Router streams at once, in one lease. */
const MAX_CONNECTIONS = 128;
/** What Listen gets before clients are let in, in ms: without it a client would dial into nothing. */
const LISTEN_HEAD_START_MS = 50;
/** How long leaving may take, in ms, if the controller does not answer. */
const LEAVE_TIMEOUT_MS = 10_000;

export interface KeeperParts {
  readonly endpoint: string;
  readonly calls: ControllerCalls;
  /** A session with fresh drivers. */
  readonly openSession: (endLease: () => void) => Session;
  /** The byte stream at the router that a client waits at. */
  readonly connect: (dialled: ListenReply) => Duplex;
  readonly events: ExporterEvents;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

interface Served {
  readonly lease: WantedLease;
  readonly session: Session;
  readonly begun: number;
  /** Ends the Listen stream and the connections. */
  readonly stop: AbortController;
  isFinished: boolean;
}

/** Keeps an exporter registered with its controller, and serves its leases, one after the other, for ever. */
export class LeaseKeeper {
  readonly #parts: KeeperParts;
  readonly #machine = new LeaseMachine();
  readonly #reporter: StatusReporter;
  readonly #leaving = new AbortController();
  readonly #running: Promise<void>;
  #working: Promise<void> | undefined;
  #served: Served | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#reporter = new StatusReporter(parts.calls, (ms) => parts.pause(ms, this.#leaving.signal));
    this.#running = this.#run();
  }

  /** Ends the lease that is on, reports OFFLINE, and unregisters; without an answer it leaves all the same. */
  async leave(): Promise<void> {
    this.#machine.onLeaving();
    this.#reporter.stop();
    this.#leaving.abort();
    this.#wake();
    await this.#working;
    await this.#running;
    const timeout = new AbortController();
    await Promise.race([this.#sayGoodbye(), this.#parts.pause(LEAVE_TIMEOUT_MS, timeout.signal)]);
    timeout.abort();
  }

  async #run(): Promise<void> {
    const { calls, events, endpoint, pause } = this.#parts;
    const { signal } = this.#leaving;
    const backOff = new BackOff();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      try {
        await this.#register(isFirst);
        for await (const status of calls.leaseStatus(signal)) {
          backOff.reset();
          this.#machine.onStatus(status);
          this.#wake();
        }
        if (!signal.aborted) events.emit({ type: "controller", state: "lost", endpoint });
      } catch (error) {
        if (!signal.aborted) events.emit({ type: "controller", state: "lost", endpoint, cause: toErrorInfo(error) });
      }
      if (!signal.aborted) await pause(backOff.take(), signal);
    }
  }

  /** While a lease is on, only its status is reported: the controller knows the drivers. */
  async #register(isFirst: boolean): Promise<void> {
    const { calls, events, endpoint, openSession } = this.#parts;
    if (!this.#served) {
      // Drivers of their own, made for the report.
      const { tree } = openSession(() => {});
      await tree.close();
      await calls.register(tree.reports);
      events.emit({ type: "controller", state: "registered", endpoint });
    }
    if (!this.#reporter.latest) await this.#reporter.set("AVAILABLE", "Exporter registered and available");
    else if (!isFirst) this.#machine.onReconnected();
    this.#wake();
  }

  /** Takes the steps that are due, one after the other. */
  #wake(): void {
    this.#working ??= this.#work().finally(() => (this.#working = undefined));
  }

  async #work(): Promise<void> {
    for (;;) {
      // So that the caller has noted that this runs; what comes during a step is seen after it.
      await Promise.resolve();
      const step = this.#machine.next();
      if (!step) return;
      await this.#take(step);
    }
  }

  async #take(step: LeaseStep): Promise<void> {
    switch (step.do) {
      case "begin":
        return await this.#begin(step.lease);
      case "finish":
        return await this.#finish();
      case "end":
        return await this.#end();
      default:
        return this.#reporter.again();
    }
  }

  async #begin(lease: WantedLease): Promise<void> {
    const { events, openSession } = this.#parts;
    try {
      const session = openSession(() => {
        this.#machine.onEndSession();
        this.#wake();
      });
      this.#served = { lease, session, begun: performance.now(), stop: new AbortController(), isFinished: false };
    } catch (error) {
      this.#machine.onBeginFailed();
      return events.warn(`lease ${lease.name} cannot be served`, error);
    }
    events.emit({ type: "lease-started", lease: lease.name, client: lease.client });
    void this.#listen(this.#served);
    // After Listen, which gRPC does not confirm: from now on clients are let through to it.
    await this.#parts.pause(LISTEN_HEAD_START_MS, this.#leaving.signal);
    this.#report("LEASE_READY", "Ready for commands");
  }

  async #listen({ lease, session, stop }: Served): Promise<void> {
    const { calls, events, pause } = this.#parts;
    const backOff = new BackOff();
    const connections = new Set<Duplex>();
    stop.signal.addEventListener("abort", () => connections.forEach((connection) => connection.destroy()));
    while (!stop.signal.aborted) {
      try {
        for await (const dialled of calls.listen(lease.name, stop.signal)) {
          backOff.reset();
          this.#accept(dialled, session, connections);
        }
      } catch (error) {
        if (!stop.signal.aborted) events.warn(`lease ${lease.name}: listening is interrupted`, error);
      }
      if (!stop.signal.aborted) await pause(backOff.take(), stop.signal);
    }
  }

  /** Not awaited: each connection lives on its own. */
  #accept(dialled: ListenReply, session: Session, connections: Set<Duplex>): void {
    const { events, connect } = this.#parts;
    if (connections.size >= MAX_CONNECTIONS) return events.warn(`more than ${MAX_CONNECTIONS} connections in a lease`);
    try {
      const connection = connect(dialled);
      connections.add(connection);
      connection.once("close", () => connections.delete(connection));
      serveConnection(connection, session);
    } catch (error) {
      events.warn("a client's connection could not be taken", error);
    }
  }

  async #finish(): Promise<void> {
    const served = this.#served;
    if (!served) return;
    await this.#closeDrivers(served);
    served.session.status.set("AVAILABLE", "Available for new lease");
    this.#report("AVAILABLE", "Available for new lease");
  }

  async #end(): Promise<void> {
    const served = this.#served;
    if (!served) return;
    this.#served = undefined;
    const failure = await this.#closeDrivers(served);
    served.stop.abort();
    const { lease, begun } = served;
    this.#parts.events.emit({
      type: "lease-ended",
      lease: lease.name,
      client: lease.client,
      durationMs: performance.now() - begun,
      ...(failure !== undefined && { cause: toErrorInfo(failure) }),
    });
    if (!this.#leaving.signal.aborted) this.#report("AVAILABLE", "Available for new lease");
  }

  /** Returns what it failed with. */
  async #closeDrivers(served: Served): Promise<unknown> {
    if (served.isFinished) return undefined;
    served.isFinished = true;
    try {
      await served.session.close();
      return undefined;
    } catch (error) {
      this.#parts.events.warn(`lease ${served.lease.name}: closing the drivers failed`, error);
      return error;
    }
  }

  async #sayGoodbye(): Promise<void> {
    const { calls, events, endpoint } = this.#parts;
    await calls.reportStatus("OFFLINE", "Exporter shutting down").catch(() => {});
    try {
      await calls.unregister("Exporter shutdown");
      events.emit({ type: "controller", state: "unregistered", endpoint });
    } catch (error) {
      events.warn("unregistering failed", error);
    }
  }

  #report(status: "AVAILABLE" | "LEASE_READY", message: string): void {
    this.#parts.events.emit({ type: "exporter-status", status, message });
    void this.#reporter.set(status, message);
  }
}
