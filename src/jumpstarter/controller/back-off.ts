import { setTimeout as wait } from "node:timers/promises";

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** How long to wait before the next try: twice as long each time, until something has worked. */
export class BackOff {
  #next = FIRST_MS;

  /** In ms. */
  take(): number {
    const delay = this.#next;
    this.#next = Math.min(delay * 2, LONGEST_MS);
    return delay;
  }

  reset(): void {
    this.#next = FIRST_MS;
  }
}

/** Resolves after the time, or at once when the signal fires. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: true }).catch(() => {});
}
