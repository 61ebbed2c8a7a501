import { availableParallelism } from "node:os";

/** With a single processor the client could not answer while this thread is awake. */
const hasProcessors = availableParallelism() > 1;

/** How long the thread waits awake for an answer, in ms: about what it costs to put a processor to sleep and to wake it. */
export const AWAKE_MS = 0.05;

/**
 * An answer that came in this time after the one before, in ms, may come within AWAKE_MS once nothing sleeps: the work
 * of this thread and the wake-up of its processor are part of it.
 */
const QUICK_MS = 0.15;

/** Answers that must have come quickly, one after the other, before the thread waits awake. */
const FIRST_STREAK = 8;
/** The same after waits in vain, at most: one answer in this many may cost AWAKE_MS for nothing, not more. */
const LONGEST_STREAK = 1_024;

/**
 * Decides whether the thread waits awake for a client's next answer: to put a processor to sleep, and to wake it, takes
 * longer than a client on the same machine takes to answer. It does so only while this client has been quick. A wait in
 * vain costs AWAKE_MS, and makes the next one rarer; waits that succeed make it less rare again.
 */
export class BriefWait {
  readonly #isPossible: boolean;
  /** Quick answers since the last slow one. */
  #streak = 0;
  #needed = FIRST_STREAK;

  /** `isPossible`: false if it is never worth it here. */
  constructor(isPossible: boolean = hasProcessors) {
    this.#isPossible = isPossible;
  }

  get isWorthIt(): boolean {
    return this.#isPossible && this.#streak >= this.#needed;
  }

  /** After a wait awake that something came in. */
  succeeded(): void {
    if (this.#needed > FIRST_STREAK) this.#needed -= 1;
  }

  /** After a wait awake in which nothing came. */
  failed(): void {
    this.#streak = 0;
    this.#needed = Math.min(LONGEST_STREAK, this.#needed * 2);
  }

  /** After a wait asleep; `elapsedMs` since the last wait; `came`: something ended it. */
  slept(elapsedMs: number, came: boolean): void {
    this.#streak = came && elapsedMs < QUICK_MS ? this.#streak + 1 : 0;
  }

  /** For another client. */
  reset(): void {
    this.#streak = 0;
    this.#needed = FIRST_STREAK;
  }
}
