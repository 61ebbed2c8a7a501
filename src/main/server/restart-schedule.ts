import type { RestartPolicy } from "../../contract/options/controller-config.ts";

const FIRST_DELAY = 100;
const MAX_RESTARTS = 5;
/** In ms: restarts longer ago do not count any more. */
const PERIOD = 60_000;

export interface Restart {
  /** Which one within the last minute, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
}

/**
 * When a crashed thread is started again: after 100 ms, then twice as long each time, at most five times in a minute.
 */
export class RestartSchedule {
  readonly #policy: RestartPolicy;
  #granted: readonly number[] = [];

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /** The next restart, at `now` in ms on any clock; undefined: it has crashed too often, or is not to be restarted. */
  next(now: number): Restart | undefined {
    this.#granted = this.#granted.filter((at) => now - at < PERIOD);
    if (this.#policy === "never" || this.#granted.length === MAX_RESTARTS) return undefined;
    this.#granted = [...this.#granted, now];
    const attempt = this.#granted.length;
    return { attempt, delayMs: FIRST_DELAY * 2 ** (attempt - 1) };
  }
}
