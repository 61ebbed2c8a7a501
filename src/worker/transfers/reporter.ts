import { type Counters, type MutableCounters, noCounts } from "../../contract/events/counters.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { DropReason } from "../../contract/events/outcomes.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import { EventQueue } from "./event-queue.ts";

/** An event without its time, which the reporter adds. */
type Untimed<Event> = Event extends TftpEvent ? Omit<Event, "at"> : never;
export type Report = Untimed<TftpEvent>;

/** Takes a batch to main, and the counters with it. Resolves when main has it. */
export type Deliver = (events: readonly TftpEvent[], counters: Counters) => Promise<void> | void;

/** Events cross the thread boundary in batches: this often at most, in ms, or as soon as this many have gathered. */
const BATCH_INTERVAL = 50;
const BATCH_SIZE = 256;

/**
 * Counts everything, and reports it to main in batches. One batch is in flight at most: a main that is blocked takes
 * none, and what waits for it is bounded by the queue. Nothing here happens per packet.
 */
export class Reporter {
  readonly counters: MutableCounters = noCounts();

  readonly #deliver: Deliver;
  readonly #queue = new EventQueue();
  #timer: NodeJS.Timeout | undefined;
  /** A batch was sent that main has not acknowledged. */
  #inFlight = false;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  /** Counts the event, and queues it with the time of now. Takes the object over. */
  report(report: Report): void {
    this.#count(report);
    this.#queue.push(Object.assign(report, { at: Date.now() }));
    this.#schedule();
  }

  /** A datagram that draws nothing. A flood of them must not become a flood of events. */
  drop(reason: DropReason, client: Endpoint): void {
    this.counters.dropped[reason]++;
    this.#queue.drop(reason, client);
    this.#schedule();
  }

  /**
   * Sends all that waits, whatever is in flight: for an answer that main has asked for, and that must come after it.
   */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#queue.size > 0) void this.#deliver(this.#queue.take(), this.counters);
  }

  #schedule(): void {
    if (this.#inFlight) return;
    if (this.#queue.size >= BATCH_SIZE) void this.#send();
    else this.#timer ??= setTimeout(() => void this.#send(), BATCH_INTERVAL);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#queue.size === 0) return;
    this.#inFlight = true;
    try {
      await this.#deliver(this.#queue.take(BATCH_SIZE), this.counters);
    } catch {
      // Main has it, and failed over it: that is main's to report.
    }
    this.#inFlight = false;
    if (this.#queue.size > 0) this.#schedule();
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
