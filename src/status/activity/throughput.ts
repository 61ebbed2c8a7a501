/** How far back it looks, in seconds: five minutes. */
export const HISTORY = 300;

/** The reader's clock may be this many seconds behind the youngest bytes; by more, and it was set back. */
const TOLERANCE = 2;

/** Bytes acknowledged in each of the last seconds. */
export class Throughput {
  readonly #sums = new Float64Array(HISTORY + 1);
  /** The youngest second known, since the epoch. */
  #second = 0;

  /** @param at when, in ms since the epoch. */
  add(bytes: number, at: number): void {
    const second = Math.floor(at / 1_000);
    this.#advance(second);
    // What is reported late still counts in its own second; what is older than all of it is history.
    if (second > this.#second - this.#sums.length) this.#sums[second % this.#sums.length]! += bytes;
  }

  /** In bytes per second: the last `HISTORY` whole seconds, the oldest first. */
  samples(now: number): number[] {
    const second = this.#read(now);
    return Array.from({ length: HISTORY }, (_, index) => this.#at(second - HISTORY + index));
  }

  /** In bytes per second, over the last two whole seconds: progress comes in bursts. */
  current(now: number): number {
    const second = this.#read(now);
    return (this.#at(second - 1) + this.#at(second - 2)) / 2;
  }

  /** Begins anew if the system's clock was set back: no second would be young enough until the clock has caught up. */
  #read(now: number): number {
    const second = Math.floor(now / 1_000);
    if (second < this.#second - TOLERANCE) {
      this.#sums.fill(0);
      this.#second = second;
    }
    this.#advance(second);
    return second;
  }

  #at(second: number): number {
    if (second < 0 || second > this.#second || second <= this.#second - this.#sums.length) return 0;
    return this.#sums[second % this.#sums.length] as number;
  }

  /** Empties the seconds between the youngest known and this one. */
  #advance(second: number): void {
    if (second - this.#second >= this.#sums.length) this.#sums.fill(0);
    else for (let next = this.#second + 1; next <= second; next++) this.#sums[next % this.#sums.length] = 0;
    this.#second = Math.max(this.#second, second);
  }
}
