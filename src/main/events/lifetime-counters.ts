import { addCounts, type Counters, noCounts } from "../../contract/events/counters.ts";

/** Adds up what one thread after another has counted, so that no count ever goes down. */
export class LifetimeCounters {
  #past: Counters = noCounts();
  #latest: Counters = noCounts();

  /** Since the driver was made. What a thread counted in the last moments before it crashed is lost. */
  get total(): Counters {
    return addCounts(this.#past, this.#latest);
  }

  /** The next thread counts from zero. */
  begin(): void {
    this.#past = this.total;
    this.#latest = noCounts();
  }

  /** What the thread has counted so far. */
  update(counters: Counters): void {
    this.#latest = counters;
  }
}
