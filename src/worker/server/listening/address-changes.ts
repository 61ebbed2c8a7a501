import type { Transport } from "../../transport/transport.ts";

/** Where the system does not report changes, it is asked this often, in ms. */
const POLL_MS = 2_000;
/** One change seldom comes alone: what follows within this time, in ms, is seen by the same look. */
const SETTLE_MS = 50;

/** Says when interfaces and addresses of this machine may have changed. Does not keep the thread alive. */
export class AddressChanges {
  readonly #unwatch: (() => void) | undefined;
  #changed = false;
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(transport: Pick<Transport, "watchInterfaces">) {
    this.#unwatch = transport.watchInterfaces(() => {
      this.#changed = true;
      this.#wake?.();
    });
  }

  /** Resolves when something has changed since the last look, in any case after `maxMs`. To be awaited one at a time. */
  async next(maxMs: number = Infinity): Promise<void> {
    if (!this.#changed) await this.#sleep(Math.min(maxMs, this.#unwatch ? Infinity : POLL_MS));
    if (this.#changed) await this.#sleep(SETTLE_MS, false);
    this.#changed = false;
  }

  close(): void {
    this.#closed = true;
    this.#unwatch?.();
    this.#wake?.();
  }

  async #sleep(ms: number, canWake = true): Promise<void> {
    if (this.#closed) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      if (ms < Infinity) timer = setTimeout(resolve, ms).unref();
      this.#wake = () => {
        if (canWake || this.#closed) resolve();
      };
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }
}
