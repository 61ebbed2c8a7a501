import type { ExporterStatus } from "../../contract/exporter-events.ts";
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
  readonly #pause: (ms: number) => Promise<void>;
  #latest: Reported | undefined;
  #pending: Reported | undefined;
  #sending: Promise<void> | undefined;
  #stopped = false;

  constructor(calls: Pick<ControllerCalls, "reportStatus">, pause: (ms: number) => Promise<void>) {
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

  /** No more tries. */
  stop(): void {
    this.#stopped = true;
  }

  async #send(): Promise<void> {
    const backOff = new BackOff();
    while (this.#pending && !this.#stopped) {
      const { status, message } = this.#pending;
      const sent = this.#pending;
      try {
        await this.#calls.reportStatus(status, message);
      } catch (error) {
        // An old controller does not know statuses, and leases exporters without them.
        if ((error as { readonly code?: unknown }).code !== STATUS.UNIMPLEMENTED) {
          await this.#pause(backOff.take());
          continue;
        }
      }
      if (this.#pending === sent) this.#pending = undefined;
    }
  }
}
