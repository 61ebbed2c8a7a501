import type { ReadTransfer } from "../protocol/read-transfer.ts";

/** Notices a client that falls silent twice in a row without any progress in between, or before any. */
export class SilenceWatch {
  /** What was acknowledged, and sent again, when the client last fell silent. */
  #last = { acknowledged: 0, retransmissions: 0 };

  /** Looks at the transfer after a time-out. Returns whether it has been silent again since the last time. */
  isSilentAgain({ acknowledged, retransmissions }: Pick<ReadTransfer, "acknowledged" | "retransmissions">): boolean {
    const before = this.#last;
    if (retransmissions === before.retransmissions) return false;
    this.#last = { acknowledged, retransmissions };
    return acknowledged === before.acknowledged;
  }
}
