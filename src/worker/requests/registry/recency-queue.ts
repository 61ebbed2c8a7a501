/** An item's place in a queue. A class, and emptied when it is left, for the same reason as `SlabEntry`. */
export class QueueEntry<Item> {
  /** Undefined once it was deleted. */
  item: Item | undefined;
  older: QueueEntry<Item> | undefined;
  newer: QueueEntry<Item> | undefined;

  constructor(item: Item) {
    this.item = item;
  }
}

/**
 * Items by age, each operation in constant time. A Map knows the order as well, but finds its oldest entry only past
 * all those that were deleted since it last grew.
 */
export class RecencyQueue<Item> {
  #oldest: QueueEntry<Item> | undefined;
  #newest: QueueEntry<Item> | undefined;

  get oldest(): Item | undefined {
    return this.#oldest?.item;
  }

  add(item: Item): QueueEntry<Item> {
    const entry = new QueueEntry(item);
    this.#append(entry);
    return entry;
  }

  /** The item is as good as new. */
  renew(entry: QueueEntry<Item>): void {
    this.#unlink(entry);
    this.#append(entry);
  }

  /** Must not be called twice for one entry. */
  delete(entry: QueueEntry<Item>): void {
    this.#unlink(entry);
    entry.item = undefined;
  }

  #unlink(entry: QueueEntry<Item>): void {
    const { older, newer } = entry;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    entry.older = entry.newer = undefined;
  }

  #append(entry: QueueEntry<Item>): void {
    entry.older = this.#newest;
    if (this.#newest) this.#newest.newer = entry;
    else this.#oldest = entry;
    this.#newest = entry;
  }
}
