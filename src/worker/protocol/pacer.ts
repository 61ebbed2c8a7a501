/** Timers are not finer. In ms. */
const MIN_PAUSE = 1;

/** In blocks a ms: no pause is longer than 5 ms. */
const MIN_RATE = 0.2;

/** A pause that was this much longer than asked for, in ms, says that this machine is busy: nothing is learnt then. */
const DISTURBANCE = 3;

/** One tail is lost by chance; two in a row are a queue that overflows. */
const TAIL_LOSS_WEIGHT = 2;
const OVERFLOWING = 3;

/** The same gap this many times more is no chance. */
const REGULAR = 5;

/** A queue that took this many blocks at once overflowed: less than that will fit. */
const SAFE_SHARE = 0.8;
const MIN_BATCH = 4;

/** After a loss the queue is given the time for this much of what it takes at once. */
const DRAINED_SHARE = 1 / 2;

/** The rate falls to this much of it while losses go on. */
const QUEUE_RELIEF = 0.9;

/** Pauses take so much longer than they should. */
const LATE_TIMERS = 1.1;

/** As long as the pauses, and no queue, make a window as slow as it is. */
const FAST_GROWTH = 1.5;
/** Afterwards by a block for this many windows in a row without a loss, and then more quickly. */
const GROWTH_PERIOD = 16;

/**
 * Spreads a window over time when a queue on the way is too short for it: a window in one burst then loses its tail
 * each time, and as no block behind the gap arrives, the client has nothing to complain about until a timer runs out.
 *
 * A token bucket: its depth, in blocks, is what the queue takes at once, its rate what the way takes for good. Both are
 * learnt from ACKs: a burst of which only the first part arrived says how deep the queue is, and an ACK says how fast
 * the blocks before it went through, since they cannot have come faster than the slowest link of the way. The bucket
 * grows again as windows arrive; once a window fits, there is no pacing any more.
 */
export class Pacer {
  /** Off until tails were lost: without loss it costs one comparison for each window. */
  isActive = false;
  /** The last block that may leave now. */
  limit: number = Infinity;
  /** When the next one may. */
  resumeAt: number = Infinity;
  /** In blocks. */
  windowSize: number;
  #suspicion = 0;
  #depth = Infinity;
  #minDepth = MIN_BATCH;
  /** In blocks a ms. */
  #rate = Infinity;
  #tokens = 0;
  #filledAt = 0;
  /** How many blocks have left since the last pause. */
  #batch = 0;
  #successes = 0;
  #isDisturbed = false;
  #lastGap = 0;
  #sameGaps = 0;

  constructor(windowSize: number) {
    this.windowSize = windowSize;
  }

  /** It wants to hear of windows that arrive whole. */
  get isAlert(): boolean {
    return this.#suspicion > 0 || this.isActive;
  }

  /** A timer had to find out that only the first `delivered` blocks of a burst arrived. `elapsed`: if it is known. */
  onTailLoss(delivered: number, elapsed: number | undefined): void {
    this.#suspicion = Math.min(this.#suspicion + TAIL_LOSS_WEIGHT, 2 * OVERFLOWING);
    if (elapsed !== undefined) this.#rate = rateOf(delivered, elapsed);
    else if (this.isActive) this.#rate = Math.max(this.#rate * SAFE_SHARE, MIN_RATE);
    if (this.isActive) this.#shrink();
    else if (this.#suspicion >= OVERFLOWING) this.#activate(delivered * SAFE_SHARE);
  }

  /** A whole window was sent again, and not even that drew an ACK. */
  onSilence(): void {
    if (!this.isActive) return this.#activate(this.windowSize / 4);
    this.#minDepth = MIN_BATCH;
    this.#rate = Math.max(this.#rate / 2, MIN_RATE);
    this.#shrink();
  }

  /**
   * Of what was sent behind the last ACK only the first `delivered` blocks arrived, and the client has said so at once.
   * Chance is not so regular: the same number again and again is what the queue takes, if it takes its time as well.
   */
  onGap(delivered: number, elapsed: number, roundTrip: number): void {
    const isSame = Math.abs(delivered - this.#lastGap) <= Math.max(1, this.#lastGap / 8);
    this.#sameGaps = isSame ? this.#sameGaps + 1 : 0;
    this.#lastGap = delivered;
    if (this.isActive || this.#sameGaps < REGULAR || elapsed < roundTrip) return;
    if (delivered < 2 * MIN_BATCH || delivered > this.windowSize / 2) return;
    this.#rate = rateOf(delivered, elapsed);
    this.#activate(delivered * SAFE_SHARE);
    this.#drain();
  }

  /** A window arrived whole; its ACK came so long after its first block, and its last one, less a round trip. */
  onWindow(blocks: number, sinceFirst: number, sinceLast: number): void {
    if (this.#suspicion > 0) this.#suspicion--;
    if (!this.isActive || this.#wasDisturbed()) return;
    // The last batch went through twice as fast as such batches are sent: the way could take more.
    const isBatchFast = this.#batch >= MIN_BATCH && 2 * sinceLast * this.#rate < this.#batch;
    if (isBatchFast || this.#isHeldUpByPauses(blocks, sinceFirst)) return this.#growFast();
    this.#rate = Math.max(this.#rate, rateOf(blocks, sinceFirst));
    this.#grow(++this.#successes / GROWTH_PERIOD);
  }

  /** Of what left at once only this much arrived. `wasFree`: none of it had to queue behind older blocks. */
  onLoss(blocks: number, elapsed: number, wasFree: boolean): void {
    if (!this.isActive || this.#wasDisturbed()) return;
    // There is no queue, and none that overflows: it was lost for another reason.
    if (this.#isHeldUpByPauses(blocks, elapsed)) return this.#growFast();
    this.#drain();
    const rate = rateOf(blocks, elapsed);
    // Behind older blocks they seem slower than the way is, but the queue has to get shorter.
    if (!wasFree) this.#rate = Math.max(this.#rate * QUEUE_RELIEF, rate);
    else {
      if (blocks > this.#depth) this.#rate = rate;
      this.#shrink();
    }
  }

  /** Sets `limit` and `resumeAt` for the blocks from `next` to `end`; false: not even the first may leave now. */
  admit(next: number, end: number, now: number): boolean {
    this.#tokens = Math.min(this.#depth, this.#tokens + (now - this.#filledAt) * this.#rate);
    this.#filledAt = now;
    this.#batch = 0;
    if (now > this.resumeAt + DISTURBANCE) this.#isDisturbed = true;
    const whole = Math.max(0, Math.floor(this.#tokens));
    this.limit = next - 1 + whole;
    // A few blocks more are not worth a pause.
    const isLast = end - this.limit <= whole / 4;
    if (isLast) this.limit = end;
    this.resumeAt = isLast ? Infinity : now + Math.max(MIN_PAUSE, (1 + whole - this.#tokens) / this.#rate);
    return whole > 0;
  }

  /** That many blocks have left. */
  spend(blocks: number): void {
    this.#tokens -= blocks;
    this.#batch += blocks;
  }

  /** The queue is full: what leaves now would be lost again, and the client complains of a gap only once. */
  #drain(): void {
    this.#tokens = Math.min(this.#tokens, -this.#depth * DRAINED_SHARE);
  }

  #wasDisturbed(): boolean {
    const was = this.#isDisturbed;
    this.#isDisturbed = false;
    return was;
  }

  #activate(depth: number): void {
    if (this.windowSize <= 2 * MIN_BATCH) return;
    this.isActive = true;
    this.#depth = Math.max(MIN_BATCH, depth);
    this.#minDepth = Math.max(MIN_BATCH, depth / 2);
    this.#rate = Math.min(this.#rate, this.#depth / MIN_PAUSE);
    this.#tokens = this.#depth;
    this.#successes = 0;
  }

  /** The blocks took hardly longer than the bucket made them. */
  #isHeldUpByPauses(blocks: number, elapsed: number): boolean {
    const paused = Math.max(0, blocks - this.#depth) / this.#rate;
    return elapsed < LATE_TIMERS * paused + this.#depth / this.#rate / 2;
  }

  #growFast(): void {
    if (this.#rate * MIN_PAUSE < this.#depth) this.#rate *= FAST_GROWTH;
    else {
      this.#grow(this.#depth * (FAST_GROWTH - 1));
      this.#rate = Math.max(this.#rate, this.#depth / MIN_PAUSE);
    }
  }

  #grow(blocks: number): void {
    this.#depth += blocks;
    if (this.#depth < this.windowSize) return;
    this.isActive = false;
    this.limit = this.resumeAt = Infinity;
  }

  #shrink(): void {
    this.#successes = 0;
    this.#depth = Math.max(this.#minDepth, this.#depth * SAFE_SHARE);
  }
}

function rateOf(blocks: number, elapsed: number): number {
  return Math.max(blocks / Math.max(elapsed, 0.001), MIN_RATE);
}
