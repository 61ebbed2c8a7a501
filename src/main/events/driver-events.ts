import { toError, toErrorInfo, type TftpError } from "../../contract/errors.ts";
import type { TftpEvent, TransferEndedEvent } from "../../contract/events/events.ts";
import type { ResolvedOptions } from "../../contract/options/options.ts";
import { Diagnostics, type ObservedDriver } from "./diagnostics.ts";
import { EventHub } from "./event-hub.ts";
import { reportListenerError } from "./listener-error.ts";
import { logEvent } from "./log-event.ts";
import type { TransferFilter } from "./transfer-filter.ts";
import { EndedTransfers } from "./transfer-history.ts";
import { TransferWaits, type WaitOptions } from "./wait-for-transfer.ts";

/**
 * Passes a driver's events to the history and the waits for transfers, then to diagnostics channels, listeners, streams
 * and the logger.
 */
export class DriverEvents {
  readonly hub: EventHub;
  readonly #history: EndedTransfers;
  readonly #waits = new TransferWaits();
  readonly #diagnostics: Diagnostics;

  constructor({ logger, controller }: ResolvedOptions, driver: ObservedDriver) {
    this.hub = new EventHub((error, event) => reportListenerError(logger, error, event));
    if (logger) this.hub.on("*", (event) => logEvent(logger, event));
    this.#history = new EndedTransfers(controller.historySize);
    this.#diagnostics = new Diagnostics(driver);
  }

  readonly emit = (event: TftpEvent): void => {
    if (event.type === "transfer-ended") this.#history.add(event);
    this.#waits.see(event);
    if (event.type === "worker-crashed" && event.restartInMs === undefined) {
      this.#waits.endAll(toError(event.cause) as TftpError);
    }
    this.#diagnostics.publish(event);
    this.hub.emit(event);
  };

  warn(message: string, cause?: unknown): void {
    const event = { type: "warning", at: Date.now(), message } as const;
    this.hub.emit(cause === undefined ? event : { ...event, cause: toErrorInfo(cause) });
  }

  /** The last transfers that ended, the very last one first. */
  history(limit: number): readonly TransferEndedEvent[] {
    return this.#history.latest(limit);
  }

  waitForTransfer(filter: TransferFilter, options: WaitOptions): Promise<TransferEndedEvent> {
    return this.#waits.add(filter, options);
  }

  /** Rejects every wait for a transfer: none will end any more. */
  endWaits(reason: TftpError): void {
    this.#waits.endAll(reason);
  }
}
