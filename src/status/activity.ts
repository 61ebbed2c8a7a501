import type { ProgressEvent, TftpEvent, TransferEndedEvent } from "../contract/events.ts";
import type { BoundAddress, Endpoint } from "../contract/endpoint.ts";
import { Results } from "./results.ts";
import { RunningTransfer } from "./running-transfer.ts";
import { statusAfter } from "./server-status.ts";
import { Throughput } from "./throughput.ts";
import { Totals } from "./totals.ts";
import type { ServerStatus } from "./words.ts";

/** The most results that are kept. */
const KEEP = 500;

/** What a person wants to know of a server, gathered from its events alone. Its memory is bounded. */
export class Activity {
  readonly results: Results = new Results(KEEP);
  readonly totals: Totals = new Totals();
  readonly throughput: Throughput = new Throughput();
  readonly #running = new Map<number, RunningTransfer>();
  #status: ServerStatus = "stopped";
  #endpoints: readonly Endpoint[] | undefined;

  get status(): ServerStatus {
    return this.#status;
  }

  /** Whether anything was ever bound. */
  get hasListened(): boolean {
    return this.#endpoints !== undefined;
  }

  /** What is, or was last, bound. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints ?? [];
  }

  /** The longest running first. */
  get running(): readonly RunningTransfer[] {
    return [...this.#running.values()];
  }

  get runningCount(): number {
    return this.#running.size;
  }

  apply(event: TftpEvent): void {
    this.totals.apply(event);
    this.results.apply(event);
    switch (event.type) {
      case "state":
        this.#status = statusAfter(event);
        return;
      case "listening":
        this.#endpoints = event.addresses.map(toEndpoint);
        return;
      case "listening-address":
        this.#endpoints = [
          ...this.endpoints.filter(({ address }) => address !== event.host),
          ...(event.change === "added" ? [toEndpoint(event)] : []),
        ];
        return;
      case "request":
        this.#running.set(event.id, new RunningTransfer(event));
        return;
      case "progress":
        return this.#progress(event);
      case "transfer-ended":
        return this.#end(event);
      case "lost":
        // Some of them may have ended: those that have not report their progress.
        return this.#running.clear();
      case "worker-crashed":
      case "stopped":
        // After a crash no event reports how they ended.
        return this.#running.clear();
      default:
    }
  }

  #progress(event: ProgressEvent): void {
    // A listener that was added later has not seen its request.
    const transfer = this.#running.get(event.id) ?? new RunningTransfer(event);
    this.#running.set(event.id, transfer);
    this.throughput.add(event.bytes - transfer.bytes, event.at);
    transfer.progress(event);
  }

  #end(event: TransferEndedEvent): void {
    this.throughput.add(event.bytes - (this.#running.get(event.id)?.bytes ?? 0), event.at);
    this.#running.delete(event.id);
  }
}

function toEndpoint({ host, port }: BoundAddress): Endpoint {
  return { address: host, port };
}
