import type { Slot } from "./slot.ts";

/** The owner of a slot. */
export interface SlotHome {
  /** Gives up a slot that no reader needs, and its memory. */
  evict(slot: Slot): void;
}

/**
 * The budget that all files share. Slots that no reader needs right now are kept as long as there is room, and evicted
 * from the one on that was used the longest ago. Slots in use and on their way count too, but are never evicted.
 */
export class ChunkMemory {
  readonly #budget: number;
  readonly #idle = new Map<Slot, SlotHome>();
  #idleBytes = 0;
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Whether there is room, or would be by evicting what no reader needs. */
  fits(bytes: number): boolean {
    return this.#usedBytes - this.#idleBytes + bytes <= this.#budget;
  }

  /** Takes memory, and makes room for it as far as that is possible. */
  take(bytes: number): void {
    this.#usedBytes += bytes;
    this.#evictDownTo(this.#budget);
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** No reader needs the slot right now. If readers had to go over the budget, it is evicted at once. */
  setIdle(slot: Slot, home: SlotHome): void {
    this.#idle.set(slot, home);
    this.#idleBytes += slot.bytes;
    this.#evictDownTo(this.#budget);
  }

  /** A reader needs the slot again, or its memory is about to be given back. */
  setBusy(slot: Slot): void {
    if (this.#idle.delete(slot)) this.#idleBytes -= slot.bytes;
  }

  evictIdle(): void {
    this.#evictDownTo(-Infinity);
  }

  #evictDownTo(bytes: number): void {
    if (this.#usedBytes <= bytes) return;
    for (const [slot, home] of this.#idle) {
      home.evict(slot);
      if (this.#usedBytes <= bytes) return;
    }
  }
}
