import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM"] as const;

/** SIGINT and SIGTERM. The first asks for a graceful stop, the second aborts it, a third ends the process as usual. */
export class ShutdownSignals {
  readonly #asked = new AbortController();
  readonly #insisted = new AbortController();
  #exitCode = 0;

  constructor() {
    for (const signal of signals) process.on(signal, this.#onSignal);
  }

  /** Fires with the first signal. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** Fires with the second signal. */
  get insisted(): AbortSignal {
    return this.#insisted.signal;
  }

  /** The exit code of a program that a signal ended: 130 for SIGINT, 143 for SIGTERM; 0 before any signal. */
  get exitCode(): number {
    return this.#exitCode;
  }

  readonly #onSignal = (signal: (typeof signals)[number]): void => {
    this.#exitCode = 128 + constants.signals[signal];
    if (!this.#asked.signal.aborted) return this.#asked.abort();
    this.#insisted.abort();
    for (const each of signals) process.off(each, this.#onSignal);
  };
}
