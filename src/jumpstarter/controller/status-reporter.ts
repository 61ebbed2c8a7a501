import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import { STATUS } from "../session/call-status.ts";
import { BackOff } from "./back-off.ts";
import type { ControllerCalls } from "./controller-link.ts";

interface Reported {
  readonly status: ExporterStatus;
  readonly message: string;
}

/** Reports the exporter's status to the controller, until it has taken it. The latest wins. */
export class StatusReporter {
  readonly #calls: Pick<ControllerCalls, "reportStatus">;
  readonly #pause: (ms: number, hurry: AbortSignal) => Promise<void>;
  /** Ends the pause between two tries. */
  #hurry = new AbortController();
  #latest: Reported | undefined;
  #pending: Reported | undefined;
  #sending: Promise<void> | undefined;
  #stopped = false;

  constructor(calls: Pick<ControllerCalls, "reportStatus">, pause: (ms: number, hurry: AbortSignal) => Promise<void>) {
    this.#calls = calls;
    this.#pause = pause;
  }

  get latest(): Reported | undefined {
    return this.#latest;
  }

  /** Resolves once this status, or a later one, is reported, or reporting has been stopped. Never rejects. */
  set(status: ExporterStatus, message: string): Promise<void> {
    this.#latest = { status, message };
    this.#pending = this.#latest;
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
    return this.#sending;
  }

  again(): void {
    if (this.#latest) void this.set(this.#latest.status, this.#latest.message);
  }

  /** The controller is there again: what it has not taken is tried now, not after the pause of the outage. */
  hurry(): void {
    this.#hurry.abort();
    this.#hurry = new AbortController();
  }

  /** No more tries. */
  stop(): void {
    this.#stopped = true;
    this.hurry();
  }

  async #send(): Promise<void> {
    let backOff = new BackOff();
    while (this.#pending && !this.#stopped) {
      const { status, message } = this.#pending;
      const sent = this.#pending;
      try {
        await this.#calls.reportStatus(status, message);
      } catch (error) {
        // An old controller does not know statuses, and leases exporters without them.
        if ((error as { readonly code?: unknown }).code !== STATUS.UNIMPLEMENTED) {
          const { signal } = this.#hurry;
          await this.#pause(backOff.take(), signal);
          if (signal.aborted) backOff = new BackOff();
          continue;
        }
      }
      if (this.#pending === sent) this.#pending = undefined;
    }
  }
}
