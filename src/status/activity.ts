import type { Endpoint } from "../contract/endpoint.ts";
import type { ProgressEvent, TftpEvent, TransferEndedEvent } from "../contract/events/events.ts";
import type { ExporterEvent } from "../contract/events/exporter-events.ts";
import { describeExporterResult } from "./describe-exporter.ts";
import { ExporterActivity } from "./exporter-activity.ts";
import { Results } from "./results.ts";
import { RunningTransfer } from "./running-transfer.ts";
import { Servers } from "./servers.ts";
import { Throughput } from "./throughput.ts";
import { Totals } from "./totals.ts";
import type { ServerStatus } from "./words.ts";

/** The most results that are kept. */
const KEEP = 500;

/** The ids of one server's transfers are below it: those of the next server begin with it. */
const IDS = 2 ** 32;
/** After so many servers the numbers begin anew. */
const SERVERS = 2 ** 20;

/** What a person wants to know of a server, or of an exporter with its servers, gathered from events alone. Its memory is bounded. */
export class Activity {
  /** Undefined for a server without an exporter. */
  readonly exporter: ExporterActivity | undefined;
  readonly results: Results = new Results(KEEP);
  readonly totals: Totals = new Totals();
  readonly throughput: Throughput = new Throughput();
  readonly #running = new Map<number, RunningTransfer>();
  readonly #servers = new Servers();

  constructor({ isExporter = false }: { readonly isExporter?: boolean } = {}) {
    this.exporter = isExporter ? new ExporterActivity() : undefined;
  }

  /** Of several servers the one that is most worth a look. */
  get status(): ServerStatus {
    return this.#servers.status;
  }

  /** Whether anything was ever bound. */
  get hasListened(): boolean {
    return this.#servers.hasListened;
  }

  /** What is, or was last, bound. */
  get endpoints(): readonly Endpoint[] {
    return this.#servers.endpoints;
  }

  /** The longest running first. */
  get running(): readonly RunningTransfer[] {
    return [...this.#running.values()];
  }

  get runningCount(): number {
    return this.#running.size;
  }

  /** @param server Tells it from the other servers of an exporter: a whole number from 0 on, another one for each. */
  apply(event: TftpEvent, server = 0): void {
    this.totals.apply(event);
    this.results.apply(event);
    this.#servers.apply(event, server);
    const first = (server % SERVERS) * IDS;
    switch (event.type) {
      case "request":
        this.#running.set(first + event.id, new RunningTransfer({ ...event, id: first + event.id }));
        return;
      case "progress":
        return this.#progress({ ...event, id: first + event.id });
      case "transfer-ended":
        return this.#end({ ...event, id: first + event.id });
      case "lost":
      // Some of them may have ended: those that have not report their progress.
      case "worker-crashed":
      case "stopped":
        // After a crash no event reports how they ended.
        for (const id of this.#running.keys()) if (id >= first && id < first + IDS) this.#running.delete(id);
        return;
      default:
    }
  }

  /** An event of the exporter itself. */
  applyExporter(event: ExporterEvent): void {
    const client = this.exporter?.holder?.client;
    this.exporter?.apply(event);
    const description = describeExporterResult(event, this.exporter?.holder?.client ?? client);
    if (description) this.results.add(event.at, description);
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
