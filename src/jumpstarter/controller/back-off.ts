import { setTimeout as wait } from "node:timers/promises";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before the next try: twice as long each time, until something has worked. */
export class BackOff {
  readonly #random: () => number;
  #next = FIRST_MS;

  /** @param random From 0 to 1. */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** In ms: up to a half less, so that the exporters of a lab do not all come at once when their controller is back. */
  take(): number {
    const delay = this.#next;
    this.#next = Math.min(delay * 2, LONGEST_MS);
    return delay * (1 - this.#random() / 2);
  }

  reset(): void {
    this.#next = FIRST_MS;
  }
}

/** Resolves after the time, or at once when the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: true }).catch(() => {});
}
