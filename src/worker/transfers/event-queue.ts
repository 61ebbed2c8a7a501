import type { DroppedEvent, ProgressEvent, RefusedEvent, TftpEvent } from "../../contract/events/events.ts";
import type { DropReason } from "../../contract/events/outcomes.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import { clip } from "./verdict.ts";

/** At most this many events wait for main, and at most about this many bytes of them. The oldest go first. */
const MAX_EVENTS = 4_096;
const MAX_BYTES = 4 * 1_024 * 1_024;
/** At most this many refusals are reported one by one within an interval, in ms, and while main does not take them. */
const SINGLE_REFUSALS = 256;
const INTERVAL = 50;
/** At most this many sums of refusals, one for each reason and client address. */
const MAX_SUMS = 1_024;
/** At most this many clients of dropped datagrams are counted each for itself. */
const DROPPED_CLIENTS = 32;
/** At most this many characters of a refused name are kept: even of the longest path (PATH_MAX) more are of no use. */
const MAX_NAME = 1_024;

/**
 * What waits to cross to main. It is bounded, however long main is blocked and whatever the clients send: refusals and
 * drops are summed by reason and client, a transfer's progress replaces its last, and what is lost is counted.
 */
export class EventQueue {
  readonly #now: () => number;
  #events: TftpEvent[] = [];
  /** Of `#events`, estimated. */
  #bytes = 0;
  #lost = 0;
  #singles = 0;
  #singlesSince: number;
  readonly #refused = new Map<string, Mutable<RefusedEvent> & { count: number }>();
  readonly #dropped = new Map<string, Omit<Mutable<DroppedEvent>, "at">>();
  /** The progress of each transfer that waits. */
  readonly #progress = new Map<number, Mutable<ProgressEvent>>();

  /** `now`: a clock in ms that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#singlesSince = now();
  }

  /** Events, sums and the count of what is lost: what there is to take. */
  get size(): number {
    return this.#events.length + this.#refused.size + this.#dropped.size + (this.#lost > 0 ? 1 : 0);
  }

  /** Takes the event over. */
  push(event: TftpEvent): void {
    if (event.type === "refused") return this.#refuse({ ...event, file: clip(event.file, MAX_NAME) });
    if (event.type === "progress") {
      const queued = this.#progress.get(event.id);
      if (queued) return void Object.assign(queued, event);
      this.#progress.set(event.id, event);
    }
    this.#append(event);
  }

  /** A datagram that draws nothing. */
  drop(reason: DropReason, client: Endpoint): void {
    const key = `${reason} ${client.address}`;
    const isFull = this.#dropped.size >= DROPPED_CLIENTS;
    const known = this.#dropped.get(key) ?? (isFull ? this.#dropped.get(reason) : undefined);
    if (known) known.count++;
    else if (isFull) this.#dropped.set(reason, { type: "dropped", reason, count: 1 });
    else this.#dropped.set(key, { type: "dropped", reason, client, count: 1 });
  }

  /** The oldest events, at most `max`; the sums come last. */
  take(max: number = Infinity): TftpEvent[] {
    const at = Date.now();
    const taken: TftpEvent[] = this.#lost > 0 ? [{ type: "lost", at, count: this.#lost }] : [];
    this.#lost = 0;
    for (const event of this.#events.splice(0, max - taken.length)) {
      this.#forget(event);
      taken.push(event);
    }
    if (this.#events.length > 0) return taken;
    for (const sums of [this.#refused, this.#dropped]) {
      for (const [key, sum] of sums) {
        if (taken.length >= max) return taken;
        taken.push({ ...sum, at });
        sums.delete(key);
      }
    }
    const now = this.#now();
    if (now - this.#singlesSince < INTERVAL) return taken;
    this.#singlesSince = now;
    this.#singles = 0;
    return taken;
  }

  #refuse(event: RefusedEvent): void {
    const key = `${event.reason} ${event.client.address}`;
    const known = this.#refused.get(key);
    if (known) {
      known.count++;
      known.file = event.file;
      known.client = event.client;
      if (event.local) known.local = event.local;
    } else if (this.#singles < SINGLE_REFUSALS) {
      this.#singles++;
      this.#append(event);
    } else if (this.#refused.size < MAX_SUMS) this.#refused.set(key, { ...event, count: 1 });
    else this.#lost++;
  }

  #append(event: TftpEvent): void {
    this.#events.push(event);
    this.#bytes += weigh(event);
    while (this.#events.length > MAX_EVENTS || (this.#bytes > MAX_BYTES && this.#events.length > 1)) {
      this.#forget(this.#events.shift() as TftpEvent);
      this.#lost++;
    }
  }

  #forget(event: TftpEvent): void {
    this.#bytes -= weigh(event);
    if (event.type === "progress") this.#progress.delete(event.id);
  }
}

type Mutable<Event> = { -readonly [Key in keyof Event]: Event[Key] };

/** About what an event takes in memory: what clients and handlers can make long counts as it is. */
function weigh(event: TftpEvent): number {
  let bytes = 512;
  if ("file" in event) bytes += event.file.length;
  if (event.type === "request")
    for (const [name, value] of Object.entries(event.requested)) bytes += 64 + name.length + value.length;
  if ("message" in event) bytes += event.message.length;
  if ("error" in event && event.error) bytes += event.error.text.length;
  let cause = "cause" in event ? event.cause : undefined;
  for (; cause; cause = cause.cause) bytes += 128 + cause.message.length + (cause.stack?.length ?? 0);
  return bytes;
}
