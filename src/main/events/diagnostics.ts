import { channel } from "node:diagnostics_channel";
import { type TftpError, toError } from "../../contract/errors.ts";
import type { RefusedEvent, RequestEvent, TftpEvent, TransferEndedEvent } from "../../contract/events/events.ts";
import type { Driver } from "../driver.ts";

/** The message of the diagnostics channel `tftp:request`: a request was accepted or refused. */
export interface RequestDiagnostics {
  readonly driver: Driver;
  readonly event: RequestEvent | RefusedEvent;
}

/**
 * The message of the diagnostics channels `tftp:transfer:start` and `tftp:transfer:end`: the same object for both, so
 * that a subscriber can keep what belongs to it in a WeakMap. With neither `ended` nor `error`, the end was lost while
 * this thread was blocked.
 */
export interface TransferDiagnostics {
  readonly driver: Driver;
  readonly request: RequestEvent;
  /** At the end, unless it was a crash. */
  readonly ended?: TransferEndedEvent;
  /** Why no `ended` will come: the server's thread died. */
  readonly error?: TftpError;
}

/** What it takes to find out which transfers still run. */
export interface ObservedDriver extends Driver {
  snapshot(): Promise<{ readonly transfers: readonly { readonly id: number }[] }>;
}

const requests = channel("tftp:request");
const starts = channel("tftp:transfer:start");
const ends = channel("tftp:transfer:end");

/**
 * Publishes a driver's requests and transfers on `node:diagnostics_channel`, for tracers that no code of the caller
 * knows. A transfer that has started ends exactly once, whatever events are lost; without subscribers nothing is kept.
 */
export class Diagnostics {
  readonly #driver: ObservedDriver;
  readonly #open = new Map<number, TransferDiagnostics>();

  constructor(driver: ObservedDriver) {
    this.#driver = driver;
  }

  publish(event: TftpEvent): void {
    if (event.type === "request" || event.type === "refused") this.#onRequest(event);
    if (event.type === "transfer-ended") this.#end(event.id, { ended: event });
    if (event.type === "worker-crashed") this.#endAll({ error: toError(event.cause) as TftpError });
    // A thread that did not stop in time has reported no ends.
    if (event.type === "stopped") this.#endAll({});
    if (event.type === "lost" && this.#open.size > 0) void this.#endUnreported([...this.#open.keys()]);
  }

  #onRequest(event: RequestEvent | RefusedEvent): void {
    const driver = this.#driver;
    if (requests.hasSubscribers) requests.publish({ driver, event } satisfies RequestDiagnostics);
    if (event.type === "refused" || !(starts.hasSubscribers || ends.hasSubscribers)) return;
    const transfer: TransferDiagnostics = { driver, request: event };
    this.#open.set(event.id, transfer);
    starts.publish(transfer);
  }

  #end(id: number, how: Pick<TransferDiagnostics, "ended" | "error">): void {
    const transfer = this.#open.get(id);
    if (!transfer) return;
    this.#open.delete(id);
    ends.publish(Object.assign(transfer, how));
  }

  #endAll(how: Pick<TransferDiagnostics, "error">): void {
    for (const id of this.#open.keys()) this.#end(id, how);
  }

  /** Ends those that do not run any more. Every event before the snapshot has been emitted when it resolves. */
  async #endUnreported(candidates: readonly number[]): Promise<void> {
    const { transfers } = await this.#driver.snapshot();
    const running = new Set(transfers.map(({ id }) => id));
    for (const id of candidates) if (!running.has(id)) this.#end(id, {});
  }
}
