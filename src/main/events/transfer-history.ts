import type { TransferEndedEvent } from "../../contract/events/events.ts";

/** The last transfers that ended, a bounded number of them. */
export class EndedTransfers {
  readonly #keep: number;
  /** A ring once it is full: `#next` is then the oldest. */
  readonly #ring: TransferEndedEvent[] = [];
  #next = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(event: TransferEndedEvent): void {
    if (this.#keep === 0) return;
    this.#ring[this.#next] = event;
    this.#next = (this.#next + 1) % this.#keep;
  }

  /** The last one first. */
  latest(limit: number): TransferEndedEvent[] {
    const inOrder = [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
    return inOrder.toReversed().slice(0, limit);
  }
}
