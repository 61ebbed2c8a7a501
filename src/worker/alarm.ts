import { Roster, type Seat } from "./roster.ts";

/** Something with a point in time at which it wants to be woken. */
export interface Sleeper {
  /** On `performance.now()`'s clock, in ms; Infinity for never. It may move at any time. */
  readonly deadline: number;
  wake(now: number): void;
}

/**
 * One timer for all sleepers. A deadline that moves on, as it does with every ACK, costs nothing: the timer fires at
 * the old one, finds nothing due, and sleeps again. A deadline that moves forward is told by `advance`.
 */
export class Alarm {
  readonly #sleepers = new Roster<Sleeper>();
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;

  /** What to give to `delete`. */
  add(sleeper: Sleeper): Seat<Sleeper> {
    this.advance(sleeper.deadline);
    return this.#sleepers.add(sleeper);
  }

  delete(seat: Seat<Sleeper>): void {
    this.#sleepers.delete(seat);
    if (this.#sleepers.size === 0) this.#disarm();
  }

  /** A deadline may have come closer. */
  advance(deadline: number): void {
    if (deadline >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = deadline;
    this.#timer = setTimeout(() => this.#ring(), Math.max(0, Math.ceil(deadline - performance.now())));
  }

  #ring(): void {
    this.#timer = undefined;
    this.#armedFor = Infinity;
    const now = performance.now();
    for (const sleeper of this.#sleepers) if (sleeper.deadline <= now) sleeper.wake(now);
    let earliest = Infinity;
    for (const { deadline } of this.#sleepers) if (deadline < earliest) earliest = deadline;
    this.advance(earliest);
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }
}
