/** Timers are not finer. In ms. */
const MIN_PAUSE = 1;

/** One tail is lost by chance; two in a row are a queue that overflows. */
const TAIL_LOSS_WEIGHT = 2;
const OVERFLOWING = 3;

/** A queue that took this many blocks at once overflowed: less than that will fit. */
const SAFE_SHARE = 0.75;
const MIN_BATCH = 4;

const CLEARLY_MORE = 1.25;

/** Windows in a row without a loss until the batches grow by a block for each; until then more slowly. */
const GROWTH_PERIOD = 16;

/**
 * Spreads a window over time when a queue on the way is too short for it: a window in one burst then loses its tail
 * each time, and as no block behind the gap arrives, the client has nothing to complain about until a timer runs out.
 *
 * A token bucket: its depth, in blocks, is what the queue takes at once, its rate what the way takes for good. Both are
 * learnt from ACKs: a burst of which only the first part arrived says how deep the queue is, and an ACK says how fast
 * the blocks before it went through, since they cannot have come faster than the slowest link of the way. The depth
 * grows again as windows arrive whole, first slowly; once a window fits, there is no pacing any more.
 */
export class Pacer {
  /** Off until tails were lost: without loss it costs one comparison for each window. */
  isActive = false;
  /** The last block that may leave now. */
  limit: number = Infinity;
  /** When the next one may. */
  resumeAt: number = Infinity;
  readonly #windowSize: number;
  #suspicion = 0;
  #depth = Infinity;
  #minDepth = MIN_BATCH;
  /** In blocks a ms. */
  #rate = Infinity;
  #tokens = 0;
  #filledAt = 0;
  #successes = 0;

  constructor(windowSize: number) {
    this.#windowSize = windowSize;
  }

  /** A timer had to find out that only the first `delivered` blocks of a burst arrived. `elapsed`: if it is known. */
  onTailLoss(delivered: number, elapsed: number | undefined): void {
    this.#suspicion = Math.min(this.#suspicion + TAIL_LOSS_WEIGHT, 2 * OVERFLOWING);
    if (elapsed !== undefined) this.#rate = rateOf(delivered, elapsed);
    else if (this.isActive) this.#rate *= SAFE_SHARE;
    if (this.isActive) return this.#shrink();
    if (this.#suspicion < OVERFLOWING || this.#windowSize <= MIN_BATCH) return;
    this.isActive = true;
    this.#depth = Math.max(MIN_BATCH, delivered * SAFE_SHARE);
    this.#minDepth = Math.max(MIN_BATCH, this.#depth / 2);
    this.#rate = Math.min(this.#rate, this.#depth / MIN_PAUSE);
    this.#tokens = this.#depth;
    this.#successes = 0;
  }

  /** A window arrived whole. `elapsed`: from its first block to its ACK, less a round trip. */
  onWindow(blocks: number, elapsed: number): void {
    if (this.#suspicion > 0) this.#suspicion--;
    if (!this.isActive) return;
    this.#rate = Math.max(this.#rate, rateOf(blocks, elapsed));
    this.#grow(++this.#successes / GROWTH_PERIOD);
  }

  /** A window of which nothing was sent twice arrived up to here. */
  onLoss(blocks: number, elapsed: number): void {
    if (!this.isActive) return;
    // They came faster than a queue lets through that overflows: the loss has another reason.
    if (blocks > elapsed * this.#rate * CLEARLY_MORE) return this.#grow(this.#depth / 4);
    if (blocks > this.#depth) this.#rate = rateOf(blocks, elapsed);
    this.#shrink();
  }

  /** Sets `limit` and `resumeAt` for the blocks from `next` on; false: not even that one may leave now. */
  admit(next: number, now: number): boolean {
    this.#tokens = Math.min(this.#depth, this.#tokens + (now - this.#filledAt) * this.#rate);
    this.#filledAt = now;
    this.limit = next - 1 + Math.floor(this.#tokens);
    this.resumeAt = now + Math.max(MIN_PAUSE, (1 + Math.floor(this.#tokens) - this.#tokens) / this.#rate);
    return this.#tokens >= 1;
  }

  /** That many blocks have left. */
  spend(blocks: number): void {
    this.#tokens -= blocks;
  }

  #grow(blocks: number): void {
    this.#depth += blocks;
    if (this.#depth < this.#windowSize) return;
    this.isActive = false;
    this.limit = this.resumeAt = Infinity;
  }

  #shrink(): void {
    this.#successes = 0;
    this.#depth = Math.max(this.#minDepth, this.#depth * SAFE_SHARE);
  }
}

function rateOf(blocks: number, elapsed: number): number {
  return blocks / Math.max(elapsed, 0.001);
}
