/**
 * Hands pieces from one side to the other without storing any: put() resolves once the taker has asked for the next
 * one, so the sender goes at the pace of the disk.
 */
export class HandOff implements AsyncIterable<Uint8Array> {
  #offered:
    | { readonly piece: Uint8Array; readonly taken: () => void; readonly lost: (reason: Error) => void }
    | undefined;
  #isTaken = false;
  #ended = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /** @throws {Error} what the taker failed with. One at a time. */
  put(piece: Uint8Array): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((taken, lost) => {
      this.#offered = { piece, taken, lost };
      this.#wake();
    });
  }

  /** There are no more pieces. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Nothing is taken any more; put() rejects with the reason, and the taker gets it, too. */
  fail(reason: Error): void {
    this.#failure ??= reason;
    this.#offered?.lost(this.#failure);
    this.#offered = undefined;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      this.#settleTaken();
      if (this.#failure) throw this.#failure;
      if (this.#offered) {
        this.#isTaken = true;
        yield this.#offered.piece;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  #settleTaken(): void {
    if (!this.#isTaken) return;
    this.#isTaken = false;
    this.#offered?.taken();
    this.#offered = undefined;
  }
}
