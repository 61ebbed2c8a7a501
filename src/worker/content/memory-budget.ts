/** What takes memory: a chunk, an extent. Its size must not change while it is kept. */
interface Sized {
  /** Its size in bytes. */
  readonly bytes: number;
}

/** The owner of an item that is kept. */
export interface ItemOwner<Item> {
  /** Gives up an idle item, and its memory. */
  evict(item: Item): void;
}

/**
 * A shared budget of memory. Idle items are kept as long as there is room, and evicted from the least recently used on.
 * Items in use, or on their way, count too, but are never evicted.
 */
export class MemoryBudget<Item extends Sized> {
  readonly #budget: number;
  readonly #idle = new Map<Item, ItemOwner<Item>>();
  #idleBytes = 0;
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  /** What is in use, on its way, or kept, in bytes. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether there is room, or would be after evicting idle items. */
  fits(bytes: number): boolean {
    return this.#usedBytes - this.#idleBytes + bytes <= this.#budget;
  }

  /** Takes memory, and makes room for it as far as that is possible. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
    this.#evictDownTo(this.#budget);
  }

  /** Takes memory if it fits; false if it does not. */
  tryTake(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.take(bytes);
    return true;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** Keeps an item whose memory was taken, as the most recently used. If the budget is exceeded, items go at once. */
  setIdle(item: Item, owner: ItemOwner<Item>): void {
    this.#idle.set(item, owner);
    this.#idleBytes += item.bytes;
    this.#evictDownTo(this.#budget);
  }

  /** The item is used again, or its memory is to be given back: it is not evicted any more. */
  setBusy(item: Item): void {
    if (this.#idle.delete(item)) this.#idleBytes -= item.bytes;
  }

  /** Counts a kept item as the most recently used. */
  touch(item: Item): void {
    const owner = this.#idle.get(item);
    if (owner === undefined) return;
    this.#idle.delete(item);
    this.#idle.set(item, owner);
  }

  evictIdle(): void {
    this.#evictDownTo(-Infinity);
  }

  #evictDownTo(bytes: number): void {
    if (this.#usedBytes <= bytes) return;
    for (const [item, owner] of this.#idle) {
      owner.evict(item);
      if (this.#usedBytes <= bytes) return;
    }
  }
}
