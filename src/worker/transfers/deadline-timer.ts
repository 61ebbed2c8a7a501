import { runMicrotasksByTick } from "../../shared/tick.ts";
import { Slab, type SlabEntry } from "../../shared/slab.ts";

/** An item with a deadline, after which `onDeadline` is called. */
export interface Timed {
  /** On `performance.now()`'s clock, in ms; Infinity for never. It may move at any time. */
  readonly deadline: number;
  onDeadline(now: number): void;
}

/**
 * One timer for all items. A deadline that moves on, as it does with every ACK, costs nothing: the timer fires at
 * the old one, finds nothing due, and is set again. For a deadline that comes closer, `advance` must be called.
 */
export class DeadlineTimer {
  readonly #items = new Slab<Timed>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;

  /** Returns what `delete` takes. */
  add(item: Timed): SlabEntry<Timed> {
    this.advance(item.deadline);
    return this.#items.add(item);
  }

  delete(entry: SlabEntry<Timed>): void {
    this.#items.delete(entry);
    if (this.#items.size === 0) this.#disarm();
  }

  /** A deadline may have come closer. */
  advance(deadline: number): void {
    if (deadline >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = deadline;
    this.#timer = setTimeout(() => this.#fire(), Math.max(0, Math.ceil(deadline - performance.now())));
  }

  #fire(): void {
    runMicrotasksByTick();
    this.#timer = undefined;
    this.#armedFor = Infinity;
    const now = performance.now();
    for (const item of this.#items) if (item.deadline <= now) item.onDeadline(now);
    let earliest = Infinity;
    for (const { deadline } of this.#items) if (deadline < earliest) earliest = deadline;
    this.advance(earliest);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }
}
