import { toErrorInfo } from "../../contract/errors.ts";
import type { DriverReport } from "../wire/messages.ts";
import type { LeaseStatus } from "../wire/controller-messages.ts";
import { BackOff } from "./back-off.ts";
import type { KeeperParts } from "./keeper-parts.ts";
import type { StatusReporter } from "./status-reporter.ts";

/** How long leaving may take, in ms, if the controller does not answer. */
const LEAVE_TIMEOUT_MS = 10_000;

/** What a registration asks and tells its keeper. */
export interface RegistrationPeer {
  /** Whether a lease is on. */
  readonly isServing: () => boolean;
  readonly onStatus: (status: LeaseStatus) => void;
  /** The controller is there again after an outage. */
  readonly onReconnected: () => void;
  readonly wake: () => void;
}

type Parts = Pick<KeeperParts, "endpoint" | "calls" | "openSession" | "events" | "pause">;

/** Holds the Status stream, which is the heartbeat; when it is lost, registers again, for ever. */
export class Registration {
  readonly #parts: Parts;
  readonly #reporter: StatusReporter;
  readonly #leaving: AbortSignal;
  readonly #peer: RegistrationPeer;
  readonly #running: Promise<void>;
  #isLost = false;
  #reports: readonly DriverReport[] | undefined;

  constructor(parts: Parts, reporter: StatusReporter, leaving: AbortSignal, peer: RegistrationPeer) {
    this.#parts = parts;
    this.#reporter = reporter;
    this.#leaving = leaving;
    this.#peer = peer;
    this.#running = this.#run();
  }

  /** After `leaving` has fired: reports OFFLINE and unregisters; without an answer it ends all the same. */
  async end(): Promise<void> {
    await this.#running;
    const timeout = new AbortController();
    await Promise.race([this.#sayGoodbye(), this.#parts.pause(LEAVE_TIMEOUT_MS, timeout.signal)]);
    timeout.abort();
  }

  async #run(): Promise<void> {
    const { calls, pause } = this.#parts;
    const leaving = this.#leaving;
    const backOff = new BackOff();
    for (let isFirst = true; !leaving.aborted; isFirst = false) {
      try {
        await this.#register(isFirst);
        for await (const status of calls.leaseStatus(leaving)) {
          backOff.reset();
          this.#noteReconnected();
          this.#peer.onStatus(status);
          this.#peer.wake();
        }
        if (!leaving.aborted) this.#noteLost();
      } catch (error) {
        if (!leaving.aborted) this.#noteLost(error);
      }
      if (!leaving.aborted) await pause(backOff.take(), leaving);
    }
  }

  /** While a lease is on, only its status is reported: the controller knows the drivers. */
  async #register(isFirst: boolean): Promise<void> {
    const { calls, events, endpoint } = this.#parts;
    if (!this.#peer.isServing()) {
      await calls.register(await this.#reportsOfDrivers());
      this.#isLost = false;
      events.emit({ type: "controller", state: "registered", endpoint });
      this.#reporter.hurry();
    }
    if (!this.#reporter.latest) await this.#reporter.set("AVAILABLE", "Exporter registered and available");
    else if (!isFirst) this.#peer.onReconnected();
    this.#peer.wake();
  }

  /** Of drivers that are made for it, once: in an outage each try would make and close them. */
  async #reportsOfDrivers(): Promise<readonly DriverReport[]> {
    if (!this.#reports) {
      const { tree } = this.#parts.openSession("AVAILABLE", "", () => {});
      await tree.close();
      this.#reports = tree.reports;
    }
    return this.#reports;
  }

  #noteLost(error?: unknown): void {
    this.#isLost = true;
    const { events, endpoint } = this.#parts;
    const cause = error === undefined ? {} : { cause: toErrorInfo(error) };
    events.emit({ type: "controller", state: "lost", endpoint, ...cause });
  }

  /** The first word after an outage; outside of a lease it was "registered" before that. */
  #noteReconnected(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    const { events, endpoint } = this.#parts;
    events.emit({ type: "controller", state: "reconnected", endpoint });
    this.#reporter.hurry();
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
}
