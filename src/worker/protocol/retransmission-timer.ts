import { RttEstimator } from "./rtt-estimator.ts";
import type { Timing } from "./transfer-plan.ts";

/** The back-off ends here: a board that reboots slowly still finds the server within 8 s. */
const MAX_INTERVAL = 8_000;

/** Until an ACK has proved that the client's address is its own, it gets no more than this for one request. */
const UNPROVED_RETRANSMISSIONS = 3;
const UNPROVED_LIFE = 10_000;

/**
 * With windows the time-out follows the round-trip time down to this share of the configured interval: 100 ms of 1 s.
 */
const WINDOW_FLOOR = 1 / 10;

/** A tail loss probe comes no sooner than this share of it, 10 ms of 1 s: clients have other things to do as well. */
const PROBE_FLOOR = 1 / 100;
/** The first one comes later: a window of 64 takes 8 ms at 100 Mbit/s, and only its ACK shows that. */
const FIRST_PROBE_FLOOR = 1 / 50;

/** A longer interval than this, in ms, asks for patience: the server does not probe then. */
const LONGEST_PROBED = 5_000;

/** A loss that may be none is believed after this time, in ms, and after this many round trips. */
const SHORT_WHILE = 3;
const WAIT_RTTS = 2;
/** The same if no round trip was measured. */
const LONG_WHILE = 1_000;

/**
 * A client that wants lost packets sooner than after a second (`utimeout`) does not want to be given up the sooner. In
 * ms: for one retransmission.
 */
const LEAST_PATIENCE = 1_000;

/** In lock-step a repeated ACK is a question, and no echo, if the block has been out for this long and for four RTT. */
const QUESTION_FLOOR = 200;

/**
 * When silence means a loss, and when it means that the client is gone. Three bounds, of which the first one to be
 * reached ends the transfer:
 * - `maxRetries` retransmissions in a row, and as long a silence as they take at the configured interval. The second
 *   half matters with windows, whose measured time-outs are short: eight of them would be over too soon for a board
 *   that erases flash.
 * - `maxSilenceMs` without an ACK of anything new: a client that keeps asking for one block that never reaches it.
 * - 10 s and three retransmissions, as long as no ACK has come at all: any address can be written on a request.
 */
export class RetransmissionTimer {
  readonly rtt: RttEstimator = new RttEstimator();
  /** Some ACK came: the client is at the address that its request came from. */
  isProved = false;
  readonly #timing: Timing;
  readonly #hasWindows: boolean;
  /** What `maxRetries` retransmissions and the wait after the last take at the configured interval. */
  readonly #patience: number;
  /** Time-outs in a row. */
  #retries = 0;
  /** The first of them sent a probe only. */
  #hasProbed = false;
  #heardAt = 0;
  #progressedAt = 0;

  constructor(timing: Timing, hasWindows: boolean) {
    this.#timing = timing;
    this.#hasWindows = hasWindows;
    let patience = 0;
    const interval = timing.fixed ? Math.max(timing.intervalMs, LEAST_PATIENCE) : timing.intervalMs;
    for (let retry = 0; retry <= timing.maxRetries; retry++) {
      patience += timing.fixed ? interval : this.#backedOff(interval, retry);
    }
    this.#patience = patience;
  }

  /** A tail loss probe is of use: it would come before the time-out. A negotiated interval stays what it says. */
  get mayProbe(): boolean {
    const { fixed, intervalMs } = this.#timing;
    const isEager = this.#hasWindows && !fixed && intervalMs <= LONGEST_PROBED;
    return isEager && this.#retries === 0 && this.rtt.isMeasured;
  }

  start(now: number): void {
    this.#heardAt = this.#progressedAt = now;
  }

  /** An unproved client has asked once more: it has another `UNPROVED_LIFE` to acknowledge something. */
  renew(now: number): void {
    this.#progressedAt = now;
  }

  /** The client has acknowledged all blocks up to this one, and something new with them. */
  progress(block: number, now: number): void {
    this.rtt.acknowledge(block, now);
    this.isProved = true;
    this.#retries = 0;
    this.#hasProbed = false;
    this.#heardAt = this.#progressedAt = now;
  }

  /** The client has repeated its last ACK: it is there, and the back-off begins anew. True if there was one. */
  hear(now: number): boolean {
    const isBackedOff = this.#retries > 0;
    this.#retries = 0;
    this.#hasProbed = false;
    this.#heardAt = now;
    return isBackedOff;
  }

  /** The time-out has passed, and what is in flight is sent again; returns for how many times in a row. */
  retry(now: number): number {
    this.rtt.repeat(now);
    return ++this.#retries - Number(this.#hasProbed);
  }

  /** The first probe of a transfer comes early, and may be answered late: it is a time-out too, and the next backs off. */
  firstProbe(now: number): void {
    this.rtt.repeat(now);
    this.#hasProbed = true;
    this.#retries++;
  }

  /** When to send again, or to give up: for what has left at `now`. */
  deadline(now: number): number {
    const retransmission = now + this.#backedOff(this.#interval(), this.#retries);
    if (this.#retries < this.#maxRetries()) return Math.min(retransmission, this.#end());
    return Math.min(Math.max(retransmission, this.#heardAt + this.#patience), this.#end());
  }

  /** The same as if nothing had been sent again yet. */
  firstDeadline(now: number): number {
    return now + this.#interval();
  }

  /** Whether the deadline is the end, and no retransmission. */
  isOver(now: number): boolean {
    return this.#retries >= this.#maxRetries() || now >= this.#end();
  }

  /** When to ask for a window's ACK by its last block. `isRepeated`: something was lost in this transfer before. */
  probeDeadline(now: number, isRepeated: boolean): number {
    const floor = isRepeated ? PROBE_FLOOR : FIRST_PROBE_FLOOR;
    return now + Math.max(this.#timing.intervalMs * floor, this.rtt.timeout);
  }

  /** When to believe in a loss that an ACK speaks of, but that may be none. */
  waitDeadline(now: number): number {
    const wait = this.rtt.isMeasured ? WAIT_RTTS * this.rtt.smoothed : Math.min(this.#timing.intervalMs, LONG_WHILE);
    return now + Math.max(SHORT_WHILE, wait);
  }

  /** A repeated ACK in lock-step, for a block that left at `sentAt`, asks for that block. */
  isQuestion(now: number, sentAt: number): boolean {
    if (!this.isProved) return false;
    const patience = this.rtt.isMeasured ? 4 * this.rtt.smoothed : this.#timing.intervalMs;
    return now - sentAt > Math.max(patience, QUESTION_FLOOR);
  }

  #interval(): number {
    const { intervalMs, fixed } = this.#timing;
    if (fixed || !this.rtt.isMeasured) return intervalMs;
    // Firmware in lock-step hangs on needless duplicates (Pi 4): the interval may grow, but not shrink.
    return Math.max(this.#hasWindows ? intervalMs * WINDOW_FLOOR : intervalMs, this.rtt.timeout);
  }

  #backedOff(interval: number, retries: number): number {
    const { intervalMs, fixed } = this.#timing;
    return fixed ? intervalMs : Math.min(interval * 2 ** retries, Math.max(intervalMs, MAX_INTERVAL));
  }

  #maxRetries(): number {
    const { maxRetries } = this.#timing;
    return this.isProved ? maxRetries : Math.min(maxRetries, UNPROVED_RETRANSMISSIONS);
  }

  /** The client is given up at this time at the latest. */
  #end(): number {
    return this.#progressedAt + (this.isProved ? this.#timing.maxSilenceMs : UNPROVED_LIFE);
  }
}
