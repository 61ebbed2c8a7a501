/** Counts the memory of what handlers have answered: each answer once, from its arrival to its last use. */
export class AnswerMemory {
  readonly limit: number;
  readonly #holders = new Map<Uint8Array, number>();
  #used = 0;

  /** @param limit In bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  fits(bytes: Uint8Array): boolean {
    return this.#holders.has(bytes) || this.#used + bytes.length <= this.limit;
  }

  /** Counts the bytes until what it returns is called, which may be called again in vain. */
  hold(bytes: Uint8Array): () => void {
    const holders = this.#holders.get(bytes) ?? 0;
    if (holders === 0) this.#used += bytes.length;
    this.#holders.set(bytes, holders + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.#release(bytes);
      isHeld = false;
    };
  }

  #release(bytes: Uint8Array): void {
    const holders = (this.#holders.get(bytes) ?? 0) - 1;
    if (holders > 0) return void this.#holders.set(bytes, holders);
    this.#holders.delete(bytes);
    this.#used -= bytes.length;
  }
}
