import { toErrorInfo } from "../../contract/errors.ts";
import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import type { KeeperParts } from "./keeper-parts.ts";
import { type Outcome, PREPARING, prepareLease, READY, tidyLease } from "./lease-hooks.ts";
import { LeaseMachine, type LeaseStep, type WantedLease } from "./lease-machine.ts";
import { Registration } from "./registration.ts";
import { releaseLease } from "./release-lease.ts";
import { ServedLease } from "./served-lease.ts";
import { StatusReporter } from "./status-reporter.ts";

/** What Listen gets before clients are let in, in ms: without it a client would dial into nothing. */
const LISTEN_HEAD_START_MS = 50;
/** How long the client of a lease may see why an exporter leaves for good, in ms. */
const EXIT_GRACE_MS = 10_000;

/** Keeps an exporter registered with its controller, and serves its leases, one after the other, for ever. */
export class LeaseKeeper {
  /** Resolves when it has left: with the reason, if a hook has led to it. Never rejects. */
  readonly ended: Promise<Error | undefined>;
  readonly #parts: KeeperParts;
  readonly #machine = new LeaseMachine();
  readonly #reporter: StatusReporter;
  readonly #registration: Registration;
  readonly #leaving = new AbortController();
  #working: Promise<void> | undefined;
  #served: ServedLease | undefined;
  #left: Promise<void> | undefined;
  #onEnded: (reason: Error | undefined) => void = () => {};

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    const { signal } = this.#leaving;
    this.ended = new Promise((resolve) => (this.#onEnded = resolve));
    this.#reporter = new StatusReporter(parts.calls, parts.pause);
    this.#registration = new Registration(parts, this.#reporter, signal, {
      isServing: () => this.#served !== undefined,
      onStatus: (status) => this.#machine.onStatus(status),
      onReconnected: () => this.#machine.onReconnected(),
      wake: () => this.#wake(),
    });
  }

  /**
   * Ends the lease that is on, with its hooks, reports OFFLINE, and unregisters; without an answer it leaves all the
   * same.
   */
  leave(reason?: Error): Promise<void> {
    this.#left ??= this.#leave().finally(() => this.#onEnded(reason));
    return this.#left;
  }

  async #leave(): Promise<void> {
    this.#machine.onLeaving();
    this.#reporter.stop();
    this.#leaving.abort();
    this.#wake();
    await this.#working;
    await this.#registration.end();
  }

  /** Takes the steps that are due, one after the other. */
  #wake(): void {
    if (this.#machine.isEnding) this.#served?.ending.abort();
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
    const { events, openSession, hooks, pause } = this.#parts;
    const first = hooks.has("beforeLease") ? PREPARING : READY;
    let served: ServedLease;
    try {
      const session = openSession(first.status, first.message, () => {
        this.#machine.onEndSession();
        this.#wake();
      });
      this.#served = served = new ServedLease(lease, session, this.#parts);
    } catch (error) {
      this.#machine.onBeginFailed();
      return events.warn(`lease ${lease.name} cannot be served`, error);
    }
    events.emit({ type: "lease-started", lease: lease.name, client: lease.client });
    void served.listen();
    // After Listen, which gRPC does not confirm: from now on clients are let through to it.
    await pause(LISTEN_HEAD_START_MS, this.#leaving.signal);
    this.#report(first.status, first.message);
    // Not awaited: the client may end its session, and the controller the lease.
    if (first === PREPARING) served.prepared = this.#prepare(served);
  }

  async #prepare(served: ServedLease): Promise<void> {
    const outcome = await prepareLease(this.#parts.hooks, served);
    // Of a lease that is over meanwhile only this is left to do.
    if (!served.ending.signal.aborted || outcome.next === "leave") this.#conclude(served, outcome);
  }

  async #finish(): Promise<void> {
    const served = this.#served;
    if (!served) return;
    await served.prepared;
    const outcome = await tidyLease(this.#parts.hooks, served, (...status) => this.#setStatus(served, ...status));
    await served.closeDrivers();
    this.#conclude(served, outcome);
  }

  async #end(): Promise<void> {
    const served = this.#served;
    if (!served) return;
    const { events, hooks } = this.#parts;
    await served.prepared;
    // The client has no lease any more; a hook that follows comes by a socket of its own.
    if (!served.isTidied && hooks.has("afterLease")) served.stop();
    const outcome = await tidyLease(hooks, served, (...status) => this.#setStatus(served, ...status));
    this.#served = undefined;
    const failure = await served.closeDrivers();
    served.stop();
    const { lease, begun } = served;
    events.emit({
      type: "lease-ended",
      lease: lease.name,
      client: lease.client,
      durationMs: performance.now() - begun,
      ...(failure !== undefined && { cause: toErrorInfo(failure) }),
    });
    if (outcome.status !== "AVAILABLE") this.#report(outcome.status, outcome.message);
    if (outcome.next === "leave") return void this.leave(new Error(outcome.message));
    if (!this.#leaving.signal.aborted) this.#report("AVAILABLE", "Available for new lease");
  }

  /** Reports what a hook has led to, and does what follows from it, in the background. */
  #conclude(served: ServedLease, { status, message, next }: Outcome): void {
    this.#setStatus(served, status, message);
    if (next === "release") {
      void releaseLease(served, { ...this.#parts, status: () => served.session.status.status });
    } else if (next === "leave") void this.#exit(served, message);
  }

  /** Leaves for good, once the client has had the time to see why: OFFLINE would keep it from dialling. */
  async #exit({ ending }: ServedLease, message: string): Promise<void> {
    await this.#parts.pause(EXIT_GRACE_MS, ending.signal);
    await this.leave(new Error(message));
  }

  #setStatus(served: ServedLease, status: ExporterStatus, message: string): void {
    served.session.status.set(status, message);
    this.#report(status, message);
  }

  #report(status: ExporterStatus, message: string): void {
    this.#parts.events.emit({ type: "exporter-status", status, message });
    void this.#reporter.set(status, message);
  }
}
