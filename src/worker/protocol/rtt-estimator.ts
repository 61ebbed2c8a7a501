/**
 * An ACK that comes within this share of the shortest round trip most likely answers something that was sent before.
 */
const LIKELY_EARLIER = 0.75;
/** The same, even if it or the block it answers has overtaken others on the way. */
const SURELY_EARLIER = 0.5;
/** After this many of them it answers more than the first block of what was sent. */
const SURELY_LATER = 1.5;
/** So few samples may all have been too long: what the first round trip took may be the client's start, or a disk's. */
const FEW_SAMPLES = 2;
/** A correction falls to this share of the shortest round trip at most, after few samples and after more of them. */
const DOUBTED_SHARE = 1 / 8;
const TRUSTED_SHARE = 1 / 2;

/**
 * Measures the round-trip time by one block in flight at a time (RFC 6298). By Karn's rule an ACK of a block that was
 * sent twice is no sample, since it may answer either; with one exception: an ACK that comes when the ACK of the repeat
 * cannot come yet, or time and again long after it should have, answers the original. Without that exception a client
 * that always takes longer than the time-out would never be measured, and would get everything twice to the end.
 */
export class RttEstimator {
  /** SRTT; negative until there is a sample. */
  #smoothed = -1;
  /** RTTVAR. */
  #variation = 0;
  #shortest = 0;
  #samples = 0;
  /** The block being timed; Infinity for none. */
  #block = Infinity;
  #sentAt = 0;
  /** When the timed block was repeated; negative: it was not. */
  #repeatedAt = -1;
  /** ACKs in a row that came long after the answer to the repeat should have. */
  #lateInRow = 0;

  get isMeasured(): boolean {
    return this.#smoothed >= 0;
  }

  /** SRTT, in ms; 0 while nothing was measured. */
  get smoothed(): number {
    return this.isMeasured ? this.#smoothed : 0;
  }

  /** The shortest round trip, in ms; 0 while nothing was measured. */
  get shortest(): number {
    return this.#shortest;
  }

  /** RFC 6298 section 2.3, in ms, without its floor; 0 while nothing was measured. */
  get timeout(): number {
    return this.isMeasured ? this.#smoothed + 4 * this.#variation : 0;
  }

  /** What arrives at `now` cannot be the answer to what was sent at `sentAt`. */
  precedesAnswer(now: number, sentAt: number): boolean {
    return now < sentAt + this.#shortest * SURELY_EARLIER;
  }

  /** What arrives at `now` is the answer to what was sent at `sentAt` only if something has overtaken the rest. */
  mayPrecedeAnswer(now: number, sentAt: number): boolean {
    return now < sentAt + this.#shortest * LIKELY_EARLIER;
  }

  /** What arrives at `now` is no later than the answer to the first of the blocks that were sent at `sentAt`. */
  answersFirst(now: number, sentAt: number): boolean {
    return now < sentAt + this.#shortest * SURELY_LATER;
  }

  /** The block leaves for the first time. */
  start(block: number, now: number): void {
    this.#block = block;
    this.#sentAt = now;
    this.#repeatedAt = -1;
  }

  /** An ACK of some of the blocks that left at `sentAt`. `isSole`: nothing else was in flight that it could answer. */
  acknowledgePart(sentAt: number, isSole: boolean, now: number): void {
    if (isSole || !this.precedesAnswer(now, sentAt)) this.#take(now - sentAt);
  }

  /**
   * An ACK that came this soon, and so was taken for the answer to something earlier, seems to be none: the way is
   * shorter. Against what was measured before it does not count in full: if it was the answer to something earlier after
   * all, every later one of that kind would be taken for an answer.
   */
  correct(roundTrip: number): void {
    const share = this.#samples > FEW_SAMPLES ? TRUSTED_SHARE : DOUBTED_SHARE;
    this.#take(Math.max(roundTrip, this.#shortest * share));
  }

  /** The timer sends the block in flight again. */
  repeat(now: number): void {
    this.#repeatedAt = now;
  }

  /** The block in flight is lost, or waits behind one that is: its ACK measures the repair. */
  abandon(): void {
    this.#block = Infinity;
  }

  /** All blocks up to this one are acknowledged. */
  acknowledge(block: number, now: number): void {
    if (block < this.#block) return;
    this.#block = Infinity;
    if (this.#repeatedAt >= 0) {
      if (this.#answersOriginal(now)) this.#take(now - this.#sentAt);
      return;
    }
    this.#lateInRow = 0;
    this.#take(now - this.#sentAt);
  }

  #answersOriginal(now: number): boolean {
    if (!this.isMeasured) return false;
    if (this.precedesAnswer(now, this.#repeatedAt)) return true;
    // Once may be the client's own timer; a client that is slow is so each time.
    const isLate = now - this.#repeatedAt > 2 * this.timeout + 1;
    this.#lateInRow = isLate ? this.#lateInRow + 1 : 0;
    return this.#lateInRow > 1;
  }

  #take(sample: number): void {
    this.#samples++;
    if (!this.isMeasured) {
      this.#smoothed = sample;
      this.#variation = sample / 2;
      this.#shortest = sample;
      return;
    }
    // RFC 6298 section 2.3: beta is 1/4, alpha is 1/8, and RTTVAR comes first.
    this.#variation += (Math.abs(this.#smoothed - sample) - this.#variation) / 4;
    this.#smoothed += (sample - this.#smoothed) / 8;
    if (sample < this.#shortest) this.#shortest = sample;
  }
}
