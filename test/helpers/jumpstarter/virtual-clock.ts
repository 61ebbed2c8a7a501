interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that is a number. What pauses by it is woken when the test moves it, in the order of time. */
export class VirtualClock {
  now = 0;
  /** How long each pause was to be, in ms. */
  readonly pauses: number[] = [];
  readonly #timers = new Set<Timer>();

  /** How many pauses are on. */
  get waiting(): number {
    return this.#timers.size;
  }

  readonly pause = async (ms: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return;
    this.pauses.push(ms);
    await new Promise<void>((resolve) => {
      const timer: Timer = { at: this.now + ms, wake };
      const timers = this.#timers.add(timer);
      signal.addEventListener("abort", wake, { once: true });
      function wake(): void {
        timers.delete(timer);
        signal.removeEventListener("abort", wake);
        resolve();
      }
    });
  };

  /** Moves on by that time, step by step: each pause that ends is followed before the next one. */
  async advance(ms: number): Promise<void> {
    const target = this.now + ms;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await settled();
      const [next] = [...this.#timers].toSorted((one, other) => one.at - other.at);
      if (!next || next.at > target) break;
      this.now = next.at;
      next.wake();
    }
    this.now = target;
  }
}

/** Resolves once what was due in this turn of the event loop has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    // oxlint-disable-next-line no-await-in-loop -- one turn after the other
    await new Promise((resolve) => setImmediate(resolve));
  }
}
