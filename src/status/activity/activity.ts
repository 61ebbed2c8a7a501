import type { Endpoint } from "../../contract/endpoint.ts";
import type { ProgressEvent, TftpEvent, TransferEndedEvent } from "../../contract/events/events.ts";
import type { ExporterEvent } from "../../contract/events/exporter-events.ts";
import { describeExporterResult } from "../exporter/describe-exporter.ts";
import { ExporterActivity } from "../exporter/exporter-activity.ts";
import { Results } from "./results.ts";
import { RunningTransfer } from "./running-transfer.ts";
import { Servers } from "./servers.ts";
import { Throughput } from "./throughput.ts";
import { Totals } from "./totals.ts";
import type { ServerStatus } from "../text/words.ts";

/** At least this many of the latest results are kept, and a tenth more at most. */
const KEEP = 500;

/** The ids of one server's transfers are below it: those of the next server begin with it. */
const IDS = 2 ** 32;
/** After this many servers the numbers begin anew: all ids are safe integers. */
const SERVERS = 2 ** 20;

/**
 * What a person wants to know of a server, or of an exporter with its servers, gathered from events alone. Its memory is
 * bounded.
 */
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
      // Some may have ended, and those that have not report their progress. After a crash no event reports how they ended.
      case "lost":
      case "worker-crashed":
      case "stopped":
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
    // Its request was lost, or came before this listener: what it has acknowledged until now was not in this second.
    const transfer = this.#running.get(event.id) ?? new RunningTransfer(event, event.bytes);
    this.#running.set(event.id, transfer);
    this.throughput.add(event.bytes - transfer.bytes, event.at);
    transfer.progress(event);
  }

  #end(event: TransferEndedEvent): void {
    const known = this.#running.get(event.id);
    this.throughput.add(known ? event.bytes - known.bytes : lastSecond(event), event.at);
    this.#running.delete(event.id);
  }
}

/** The bytes of its last second at its mean rate, of a transfer whose request was not seen. */
function lastSecond({ bytes, durationMs }: TransferEndedEvent): number {
  return (bytes * 1_000) / Math.max(durationMs, 1_000);
}
