import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { LoopDelay } from "../../contract/thread/server-api.ts";
import type { Transfers } from "../requests/registry/transfer-registry.ts";

/** Between two measurements, in ms: a delay longer than this cannot be missed. */
const INTERVAL = 20;
/** What was measured longer ago than this, in ms, is on its way out. */
const PERIOD = 60_000;
const NANOSECONDS = 1_000_000;

/**
 * Watches how late the event loop is for its timers, as long as transfers run. (monitorEventLoopDelay of perf_hooks
 * forgets what it knows when it is paused, and would wake an idle thread if it were not.)
 */
export class LoopWatch {
  readonly #transfers: Transfers;
  readonly #now: () => number;
  #latest = createHistogram();
  #earlier = createHistogram();
  #latestSince: number;
  #timer: NodeJS.Timeout | undefined;
  #expectedAt = 0;

  /** `now`: a clock in ms that never goes back. */
  constructor(transfers: Transfers, now: () => number = () => performance.now()) {
    this.#transfers = transfers;
    this.#now = now;
    this.#latestSince = now();
    transfers.onBusy(() => this.#start());
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  describe(): LoopDelay {
    this.#forget(this.#now());
    const both = createHistogram();
    both.add(this.#earlier);
    both.add(this.#latest);
    if (both.count === 0) return { meanMs: 0, p99Ms: 0, maxMs: 0 };
    return { meanMs: inMs(both.mean), p99Ms: inMs(both.percentile(99)), maxMs: inMs(both.max) };
  }

  #start(): void {
    if (this.#timer) return;
    this.#expectedAt = this.#now() + INTERVAL;
    this.#timer = setInterval(() => this.#measure(), INTERVAL);
  }

  #measure(): void {
    const now = this.#now();
    this.#forget(now);
    record(this.#latest, now - this.#expectedAt);
    this.#expectedAt = now + INTERVAL;
    if (this.#transfers.size === 0) this.stop();
  }

  #forget(now: number): void {
    const age = now - this.#latestSince;
    if (age < PERIOD) return;
    this.#earlier = age < 2 * PERIOD ? this.#latest : createHistogram();
    this.#latest = createHistogram();
    this.#latestSince = now;
  }
}

/** The histogram takes whole numbers from 1 on; a timer is never early by more than its rounding. */
function record(histogram: RecordableHistogram, delayMs: number): void {
  histogram.record(Math.max(1, Math.round(delayMs * NANOSECONDS)));
}

function inMs(nanoseconds: number): number {
  return nanoseconds / NANOSECONDS;
}
