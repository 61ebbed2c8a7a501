/** An item's place in a slab. */
export interface SlabEntry<Item> {
  readonly item: Item;
  readonly place: number;
}

/**
 * Items that come and go, in no order. A Set would do, were it not for its garbage: every table that a Set has outgrown
 * refers to the next one, so that once one of them is old, all that was ever in it waits for a full collection.
 */
export class Slab<Item> implements Iterable<Item> {
  readonly #entries: (SlabEntry<Item> | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#entries.length - this.#free.length;
  }

  add(item: Item): SlabEntry<Item> {
    const entry = { item, place: this.#free.pop() ?? this.#entries.length };
    this.#entries[entry.place] = entry;
    return entry;
  }

  /** False if it was deleted before. */
  delete(entry: SlabEntry<Item>): boolean {
    if (this.#entries[entry.place] !== entry) return false;
    this.#entries[entry.place] = undefined;
    this.#free.push(entry.place);
    return true;
  }

  at(place: number): Item | undefined {
    return this.#entries[place]?.item;
  }

  /** Items may come and go meanwhile: those that stay are handed out once each. */
  *[Symbol.iterator](): Generator<Item, void> {
    for (const entry of this.#entries) if (entry) yield entry.item;
  }
}
