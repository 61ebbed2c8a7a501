/** Gives up what was kept in memory. */
export type Evict = () => void;

/** The memory that extents of all objects share: those on their way, and those kept, of which the oldest is evicted. */
export class ExtentMemory {
  readonly #budget: number;
  readonly #kept = new Map<Evict, number>();
  #keptBytes = 0;
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  /** Those on their way included. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Takes memory for an extent on its way, and evicts for it; false where there is no room all the same. */
  take(bytes: number): boolean {
    if (this.#usedBytes - this.#keptBytes + bytes > this.#budget) return false;
    this.#usedBytes += bytes;
    for (const evict of this.#kept.keys()) {
      if (this.#usedBytes <= this.#budget) break;
      evict();
    }
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** What was taken stays until it is evicted or dropped; `evict` is to drop it. */
  keep(evict: Evict, bytes: number): void {
    this.#kept.set(evict, bytes);
    this.#keptBytes += bytes;
  }

  /** It is used: it counts as the youngest. */
  touch(evict: Evict): void {
    const bytes = this.#kept.get(evict);
    if (bytes === undefined) return;
    this.#kept.delete(evict);
    this.#kept.set(evict, bytes);
  }

  drop(evict: Evict): void {
    const bytes = this.#kept.get(evict);
    if (bytes === undefined) return;
    this.#kept.delete(evict);
    this.#keptBytes -= bytes;
    this.give(bytes);
  }
}
