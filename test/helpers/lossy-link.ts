import { numberOf, type Rollover } from "../../src/worker/protocol/block-number.ts";
import { DATA_HEADER } from "../../src/worker/protocol/packet.ts";
import { ackPacket, type VirtualServer } from "./virtual-link.ts";

/** The same numbers for the same seed: what a run did can be done again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<Value>(values: readonly [Value, ...Value[]]): Value {
    return values[this.between(0, values.length - 1)] ?? values[0];
  }
}

/** What the link does to each datagram, as shares of all of them. */
export interface Faults {
  readonly loss: number;
  readonly duplication: number;
  /** Delayed so long that others overtake it. */
  readonly reordering: number;
  /** The usual way takes 1 ms; a delayed datagram takes up to this many. */
  readonly maxDelayMs: number;
  /** The slowest link to the client, and the queue before it: what finds it full is lost. */
  readonly bottleneck?: { readonly bytesPerMs: number; readonly queueBytes: number };
  /** The client's processor does nothing from then to then, in virtual ms; its socket keeps what arrives. */
  readonly stall?: { readonly from: number; readonly to: number };
}

export const flawless: Faults = { loss: 0, duplication: 0, reordering: 0, maxDelayMs: 1 };

interface Flight {
  readonly to: "client" | "server";
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** Carries datagrams both ways between a virtual server and a client, and loses, doubles, delays and reorders them. */
export class LossyLink {
  /** How often the server has sent each block, by its number on the wire. */
  readonly copies: number[] = [];
  /** How many datagrams have reached the server. */
  arrivals = 0;
  readonly #server: VirtualServer;
  readonly #client: ModelClient;
  readonly #dice: Dice;
  readonly #faults: Faults;
  readonly #flights: Flight[] = [];
  /** When the slowest link is done with all that it has. */
  #idleAt = 0;

  constructor(server: VirtualServer, client: ModelClient, dice: Dice, faults: Faults) {
    this.#server = server;
    this.#client = client;
    this.#dice = dice;
    this.#faults = faults;
  }

  /** Runs until both ends are at rest, or `untilMs` of virtual time have passed; returns when the client was done. */
  run(untilMs: number): number {
    let doneAt: number | undefined;
    this.#load();
    while (this.#server.now < untilMs) {
      if (this.#client.done) doneAt ??= this.#server.now;
      const flight = this.#flights[0];
      const at = Math.min(flight?.at ?? Infinity, this.#server.transfer.deadline, this.#client.deadline);
      if (at === Infinity) break;
      this.#server.now = Math.max(this.#server.now, at);
      if (flight?.at === at) this.#land(this.#flights.shift() as Flight);
      else if (this.#client.deadline === at) this.#client.onDeadline(at);
      else this.#server.onDeadline();
      this.#load();
    }
    return doneAt ?? this.#server.now;
  }

  #land({ to, bytes }: Flight): void {
    if (to === "server") {
      this.arrivals++;
      this.#server.receive(bytes);
    } else this.#client.receive(bytes, this.#server.now);
  }

  /** Puts on the way what both ends have sent. */
  #load(): void {
    for (const { bytes } of this.#server.wire) {
      this.#count(bytes);
      this.#send("client", bytes);
    }
    this.#server.wire.length = 0;
    for (const bytes of this.#client.outgoing) this.#send("server", bytes);
    this.#client.outgoing.length = 0;
  }

  /** Behind all that arrive at the same time or before: those that were sent later are at the end, nearly always. */
  #depart(flight: Flight): void {
    let index = this.#flights.length;
    while (index > 0 && (this.#flights[index - 1] as Flight).at > flight.at) index--;
    this.#flights.splice(index, 0, flight);
  }

  #count(bytes: Uint8Array): void {
    if (bytes[1] !== 3) return;
    const block = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    this.copies[block] = (this.copies[block] ?? 0) + 1;
  }

  #send(to: Flight["to"], bytes: Uint8Array): void {
    const { loss, duplication, reordering, maxDelayMs } = this.#faults;
    if (this.#dice.next() < loss) return;
    const leaves = to === "client" ? this.#throughBottleneck(bytes.length) : this.#server.now;
    if (leaves === undefined) return;
    const copies = this.#dice.next() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = this.#dice.next() < reordering;
      const at = leaves + (late ? this.#dice.between(1, maxDelayMs) : 1);
      this.#depart({ to, bytes, at: to === "client" ? this.#afterStall(at) : at });
    }
  }

  /** When the datagram has passed it; undefined if the queue is full. */
  #throughBottleneck(length: number): number | undefined {
    const { bottleneck } = this.#faults;
    const { now } = this.#server;
    if (bottleneck === undefined) return now;
    const starts = Math.max(this.#idleAt, now);
    if ((starts - now) * bottleneck.bytesPerMs + length > bottleneck.queueBytes) return undefined;
    this.#idleAt = starts + length / bottleneck.bytesPerMs;
    return this.#idleAt;
  }

  #afterStall(at: number): number {
    const { stall } = this.#faults;
    return stall && at >= stall.from && at < stall.to ? stall.to : at;
  }
}

/** What a client acknowledges besides the end of each window. */
export type AckStyle =
  /** Each gap once (RFC 7440 section 4). */
  | "gaps"
  /** Each block that is not the expected one, old ones too, but once for a position (U-Boot). */
  | "positions"
  /** Everything that arrives, by the last block in order. */
  | "blocks";

/**
 * A client as RFC 1350 and RFC 7440 have it: takes blocks in order, acknowledges the end of each window and what its
 * style says, and repeats its last ACK after a silence, `retries` times at most.
 */
export class ModelClient {
  readonly outgoing: Uint8Array[] = [];
  deadline = Infinity;
  /** It has the last block, or has given up. */
  done: "complete" | "gave-up" | undefined;
  readonly #payloads: Uint8Array[] = [];
  readonly #blockSize: number;
  #windowSize: number;
  readonly #nextWindow: (() => number) | undefined;
  readonly #rollover: Rollover;
  readonly #patience: { readonly ms: number; readonly retries: number };
  #expectsOffer: boolean;
  #acknowledged = 0;
  #reportedGap = -1;
  #retries = 0;

  readonly #style: AckStyle;

  constructor(
    server: VirtualServer,
    patience: { readonly ms: number; readonly retries: number },
    style: AckStyle = "gaps",
    nextWindow?: () => number,
  ) {
    this.#style = style;
    this.#nextWindow = nextWindow;
    const { blockSize, windowSize, rollover, offer } = server.transfer.plan;
    this.#blockSize = blockSize;
    this.#windowSize = windowSize;
    this.#rollover = rollover;
    this.#expectsOffer = offer !== undefined;
    this.#patience = patience;
    this.deadline = patience.ms;
  }

  get content(): Uint8Array {
    return Buffer.concat(this.#payloads);
  }

  receive(bytes: Uint8Array, now: number): void {
    if (this.done === "gave-up") return;
    const last = this.#payloads.at(-1);
    const complete = last !== undefined && last.length < this.#blockSize;
    if (bytes[1] === 6) return this.#takeOffer(now);
    // ERROR.
    if (bytes[1] === 5) return this.#end("gave-up");
    const expected = this.#payloads.length + 1;
    const wire = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    const period = 65_536 - this.#rollover;
    const ahead = (wire - numberOf(expected, this.#rollover) + period) % period;
    const block = expected + (ahead < 32_768 ? ahead : ahead - period);
    // A last block that comes again says that its ACK was lost (RFC 1350 section 6, dallying).
    if (complete) return void (block === expected - 1 && this.#acknowledge(now));
    if (block !== expected) return this.#handleUnexpected(block, expected, now);
    this.#payloads.push(bytes.slice(DATA_HEADER));
    const final = bytes.length - DATA_HEADER < this.#blockSize;
    const isDue = this.#style === "blocks" || block - this.#acknowledged === this.#windowSize;
    if (final || isDue) this.#acknowledge(now);
    if (final) this.#end("complete");
    else this.#hear(now);
  }

  onDeadline(now: number): void {
    if (this.done) return void (this.deadline = Infinity);
    if (this.#retries++ === this.#patience.retries) return this.#end("gave-up");
    if (!this.#expectsOffer && (this.#payloads.length > 0 || this.#acknowledged > 0)) this.#acknowledge(now);
    this.deadline = now + this.#patience.ms;
  }

  #takeOffer(now: number): void {
    if (this.#payloads.length > 0) return;
    this.#expectsOffer = false;
    this.#acknowledge(now);
    this.#hear(now);
  }

  #handleUnexpected(block: number, expected: number, now: number): void {
    if (this.#style !== "blocks") {
      if ((this.#style === "gaps" && block < expected) || this.#reportedGap === expected) return;
      this.#reportedGap = expected;
    }
    this.#acknowledge(now);
  }

  #acknowledge(now: number): void {
    this.#acknowledged = this.#payloads.length;
    const nextWindow = this.#nextWindow?.();
    if (nextWindow !== undefined) this.#windowSize = nextWindow;
    this.outgoing.push(ackPacket(numberOf(this.#acknowledged, this.#rollover), nextWindow));
    if (!this.done) this.deadline = now + this.#patience.ms;
  }

  #hear(now: number): void {
    this.#retries = 0;
    this.deadline = now + this.#patience.ms;
  }

  #end(how: "complete" | "gave-up"): void {
    this.done ??= how;
    this.deadline = Infinity;
  }
}
