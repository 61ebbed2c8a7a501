import { type Counters, type MutableCounters, noCounts } from "../../contract/counters.ts";
import type { DropReason, Endpoint, TftpEvent } from "../../contract/events.ts";

/** An event as its source makes it: the reporter adds the time. */
type Untimed<Event> = Event extends TftpEvent ? Omit<Event, "at"> : never;
export type Report = Untimed<TftpEvent>;

/** Takes a batch to main, and the counters with it. */
export type Deliver = (events: readonly TftpEvent[], counters: Counters) => void;

/** Events cross the thread boundary in batches: this often at most, in ms, or as soon as so many have gathered. */
const BATCH_INTERVAL = 50;
const BATCH_SIZE = 256;

/** So many clients are told apart among the dropped of one batch. */
const DROPPED_CLIENTS = 32;

/** Counts everything, and tells it to main in batches. Nothing here happens per packet. */
export class Reporter {
  readonly counters: MutableCounters = noCounts();

  readonly #deliver: Deliver;
  #batch: TftpEvent[] = [];
  #dropped = new Map<string, { reason: DropReason; client?: Endpoint; count: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** Takes the report over. */
  tell(report: Report): void {
    this.#count(report);
    this.#batch.push(Object.assign(report, { at: Date.now() }));
    if (this.#batch.length >= BATCH_SIZE) this.flush();
    else this.#schedule();
  }

  /** A datagram that draws nothing. A flood of them must not become a flood of events. */
  drop(reason: DropReason, client: Endpoint): void {
    this.counters.dropped[reason]++;
    const known = this.#dropped.get(`${reason} ${client.address}`);
    if (known) known.count++;
    else if (this.#dropped.size < DROPPED_CLIENTS) {
      this.#dropped.set(`${reason} ${client.address}`, { reason, client, count: 1 });
    } else {
      const rest = this.#dropped.get(reason);
      if (rest) rest.count++;
      else this.#dropped.set(reason, { reason, count: 1 });
    }
    this.#schedule();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const at = Date.now();
    for (const dropped of this.#dropped.values()) this.#batch.push({ type: "dropped", at, ...dropped });
    this.#dropped.clear();
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    this.#deliver(batch, this.counters);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.flush(), BATCH_INTERVAL);
  }

  #count(report: Report): void {
    if (report.type === "request") this.counters.requests++;
    if (report.type === "refused") this.counters.refused[report.reason]++;
    if (report.type === "transfer-ended") {
      this.counters.transfers[report.outcome]++;
      this.counters.retransmissions += report.retransmissions;
      this.counters.bytesAcknowledged += report.bytes;
    }
  }
}
