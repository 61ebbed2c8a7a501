import type { Transfers } from "../requests/registry/transfer-registry.ts";

/** At most four progress events a second and transfer. */
const INTERVAL = 250;

/** Has every running transfer report its progress at that interval; has no timer while none runs. */
export class ProgressTicker {
  readonly #transfers: Transfers;
  #timer: NodeJS.Timeout | undefined;

  constructor(transfers: Transfers) {
    this.#transfers = transfers;
    transfers.onBusy(() => {
      this.#timer ??= setInterval(() => this.#tick(), INTERVAL);
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (this.#transfers.size === 0) return this.stop();
    const now = performance.now();
    for (const { session } of this.#transfers) session?.reportProgress(now);
  }
}
