/**
 * An item's place in a slab. A class, and emptied when it is left: V8 may put objects of a literal among the old ones at
 * once, and what a dead one of those refers to waits for a full collection.
 */
export class SlabEntry<Item> {
  /** Undefined once it was deleted. */
  item: Item | undefined;
  readonly place: number;

  constructor(item: Item, place: number) {
    this.item = item;
    this.place = place;
  }
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
    const entry = new SlabEntry(item, this.#free.pop() ?? this.#entries.length);
    this.#entries[entry.place] = entry;
    return entry;
  }

  /** False if it was deleted before. */
  delete(entry: SlabEntry<Item>): boolean {
    if (this.#entries[entry.place] !== entry) return false;
    this.#entries[entry.place] = undefined;
    this.#free.push(entry.place);
    entry.item = undefined;
    return true;
  }

  at(place: number): Item | undefined {
    return this.#entries[place]?.item;
  }

  /** Items may come and go meanwhile: those that stay are handed out once each. */
  *[Symbol.iterator](): Generator<Item, void> {
    for (const entry of this.#entries) if (entry?.item !== undefined) yield entry.item;
  }
}
