/** An item's place in a roster. */
export interface Seat<Item> {
  readonly item: Item;
  readonly place: number;
}

/**
 * Items that come and go, in no order. A Set would do, were it not for its garbage: every table that a Set has outgrown
 * refers to the next one, so that once one of them is old, all that was ever in it waits for a full collection.
 */
export class Roster<Item> implements Iterable<Item> {
  readonly #seats: (Seat<Item> | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#seats.length - this.#free.length;
  }

  add(item: Item): Seat<Item> {
    const seat = { item, place: this.#free.pop() ?? this.#seats.length };
    this.#seats[seat.place] = seat;
    return seat;
  }

  /** False where it was deleted before. */
  delete(seat: Seat<Item>): boolean {
    if (this.#seats[seat.place] !== seat) return false;
    this.#seats[seat.place] = undefined;
    this.#free.push(seat.place);
    return true;
  }

  at(place: number): Item | undefined {
    return this.#seats[place]?.item;
  }

  /** Items may come and go meanwhile: those that stay are handed out once each. */
  *[Symbol.iterator](): Generator<Item, void> {
    for (const seat of this.#seats) if (seat) yield seat.item;
  }
}
