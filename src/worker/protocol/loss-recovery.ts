import type { RttEstimator } from "./rtt-estimator.ts";

/** What an ACK inside the window, or a repeated one, asks for. */
export type Verdict =
  /** What was sent anyway, or a block that was not sent yet. */
  | "go-on"
  /** Everything behind the ACK once more. */
  | "go-back"
  /** The same, unless a short while shows that datagrams only overtook each other. */
  | "wait";

/** From here on an ACK inside the window is not believed at once. */
const DOUBTFUL = 3;
const MAX_DOUBT = 8;

/** RFC 5681 section 3.2: so many repeated ACKs in a row are a loss, and no datagram that came twice. */
const ENOUGH_DUPLICATES = 3;
/** So often what a repeat sends twice may be acknowledged, as some of it comes twice again. */
const ECHOES = 2;

/**
 * Decides when to go back in windows (RFC 7440 section 4). An ACK inside the window and a repeated ACK can each mean
 * two things: a block was lost, or the client has seen a repeat. To go back for both would send every later window
 * twice: the repeat draws an ACK, the ACK a repeat (Sorcerer's Apprentice, RFC 1123 section 4.2.3.1).
 *
 * As TCP's NewReno does (RFC 6582), a repeat remembers how far it reaches: the recovery point, the highest block that
 * was in flight. Up to there an ACK that comes before the repeat can have been answered is the work of what was in
 * flight before, and draws only blocks that were not sent since. One that comes later shows that the repeat was lost
 * too. A repeated ACK at the recovery point itself is most likely the echo of blocks that came twice, and draws nothing
 * unless silence follows.
 *
 * A client that acknowledges block by block, one that acknowledges what comes twice, and a way that reorders, make ACKs
 * inside the window that mean no loss. They show: by steps of one block, and by ACKs of most of what was repeated that
 * come too soon to be owed to the repeat. Then it takes a repeated ACK, or a short silence, to go back, until repeats
 * prove to be needed again.
 *
 * A way that delivers datagrams twice makes such a client repeat its ACKs, and each answer would double what is in
 * flight. It shows by an answer that was in vain. From then on it takes several repeated ACKs in a row, as in TCP (RFC
 * 5681), and those are not counted that the last answer itself may have drawn.
 */
export class LossRecovery {
  /** The recovery point; negative: nothing was ever repeated. */
  #point = -1;
  /** What was acknowledged when the last repeat began. */
  #repeatedFrom = 0;
  /** Nothing has shown yet whether the last repeat was needed. */
  #isUnjudged = false;
  #repeatedAt = 0;
  /** Nothing of what is sent again has left yet. */
  #isLeaving = false;
  #isWaiting = false;
  /** The blocks behind the ACK were sent again for a repeated ACK; they will not be a second time. */
  #answered = false;
  #doubt = 0;
  /** Repeated ACKs since the last one of something new, less the echoes. */
  #duplicates = 0;
  /** How many of them are a loss: one, until a repeat was in vain, for then datagrams come twice on this way. */
  #enough = 1;
  /** How many repeated ACKs the last repeat may still draw, because it was none that the client needed. */
  #echoes = 0;
  /** Something new was acknowledged too soon after the last repeat to be owed to it: it was in vain. */
  #isVain = false;
  /** The round trip of the ACK that it waits for, which seemed too short; negative for none. */
  #disbelieved = -1;
  readonly #rtt: RttEstimator;

  constructor(rtt: RttEstimator) {
    this.#rtt = rtt;
  }

  /** Something was lost in this transfer, or so it seemed. */
  get hasRepeated(): boolean {
    return this.#point >= 0;
  }

  /** It wants to hear of ACKs of everything. */
  get isAlert(): boolean {
    return this.#point >= 0 || this.#isWaiting;
  }

  /** The blocks behind the last ACK go out again if nothing is heard soon. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /**
   * The blocks behind the last ACK, or some of them, are sent again.
   * @param highest The highest block ever sent.
   * @param count How many blocks are sent again.
   */
  repeat(highest: number, count: number, now: number): void {
    // A wait in vain: the loss was one.
    if (this.#isWaiting) {
      this.#doubt >>= 1;
      if (this.#enough > 1) this.#enough--;
      if (this.#disbelieved >= 0) this.#rtt.correct(this.#disbelieved);
    }
    this.#isWaiting = false;
    this.#disbelieved = -1;
    this.#point = highest;
    this.#echoes = this.#enough > 1 ? ECHOES * count : count;
    this.#isVain = false;
    this.#repeatedAt = now;
    this.#isLeaving = true;
    this.#repeatedFrom = highest - count;
    this.#isUnjudged = true;
  }

  /** The first of the blocks that are sent again, or several of them at once, had left at `now`. */
  left(now: number): void {
    if (!this.#isLeaving) return;
    this.#isLeaving = false;
    this.#repeatedAt = now;
  }

  /** The timer has run out: from now on a repeated ACK says something new. */
  restart(): void {
    this.#answered = false;
  }

  /** An ACK of all that is in flight. */
  onWhole(acknowledged: number, now: number): void {
    this.#progress(0, now);
    this.#judge(acknowledged, 0, now);
  }

  /** An ACK inside the window, `step` blocks behind the one before. */
  onPart(acknowledged: number, step: number, now: number): Verdict {
    this.#progress(step, now);
    this.#judge(acknowledged, step, now);
    if (step === 1) this.#raiseDoubt(1);
    this.#disbelieved = -1;
    this.#isWaiting = this.#isDoubtful(acknowledged, now);
    return this.#isWaiting ? "wait" : "go-back";
  }

  /** The last ACK once more; the block behind it left at `sentAt`. At the recovery point it is most likely an echo. */
  onDuplicate(acknowledged: number, inFlight: number, sentAt: number, now: number): Verdict {
    if (this.#answered) return "go-on";
    if (this.#enough > 1 && this.#doubt >= DOUBTFUL) return this.#onRepetition(acknowledged, inFlight, now);
    const isEcho = acknowledged === this.#point;
    if (isEcho || (!this.#isWaiting && this.#rtt.mayPrecedeAnswer(now, sentAt))) {
      this.#isWaiting = true;
      this.#disbelieved = isEcho ? -1 : now - sentAt;
      return "wait";
    }
    this.#isWaiting = false;
    this.#answered = true;
    return "go-back";
  }

  /**
   * The same from a client that acknowledges each datagram that comes. The block behind the ACK may have left at any
   * time, for the window moves on with each ACK: only their number says what repeated ACKs mean. Those do not count
   * that the blocks draw which were in flight before the last repeat, or which it has sent twice.
   */
  #onRepetition(acknowledged: number, inFlight: number, now: number): Verdict {
    const isEcho = acknowledged === this.#point || (this.#isVain && acknowledged < this.#point);
    if (isEcho && this.#echoes > 0) this.#echoes--;
    else if (acknowledged >= this.#point || !this.#rtt.mayPrecedeAnswer(now, this.#repeatedAt)) this.#duplicates++;
    // Of few blocks in flight few can be behind the one that is lost (RFC 5827).
    const enough = Math.max(1, Math.min(this.#enough, inFlight - 1));
    this.#disbelieved = -1;
    this.#isWaiting = this.#duplicates < enough;
    this.#answered = !this.#isWaiting;
    return this.#isWaiting ? "wait" : "go-back";
  }

  /** Something new is acknowledged, `step` blocks of it; 0 for all that is in flight. */
  #progress(step: number, now: number): void {
    const wasAnswered = this.#answered;
    this.#answered = this.#isWaiting = false;
    this.#duplicates = 0;
    if (this.#echoes === 0 || this.#isVain) return;
    this.#isVain = this.#rtt.mayPrecedeAnswer(now, this.#repeatedAt);
    // The client takes the blocks of the repeat one by one: it has kept none of them before.
    if (this.#isVain && wasAnswered) this.#enough = ENOUGH_DUPLICATES;
    if (!this.#isVain && step === 1) this.#echoes = 0;
  }

  #isDoubtful(acknowledged: number, now: number): boolean {
    if (this.#doubt >= DOUBTFUL) return true;
    // The first block of the repeat may have drawn it, by coming twice. Later ones cannot.
    if (acknowledged === this.#point) return this.#rtt.answersFirst(now, this.#repeatedAt);
    if (acknowledged > this.#point || !this.#rtt.precedesAnswer(now, this.#repeatedAt)) return false;
    this.#disbelieved = now - this.#repeatedAt;
    return true;
  }

  /**
   * Whether the last repeat was needed, once ACKs show it. It was not if most of it is acknowledged before it can have
   * been answered (as RFC 3522 finds out for TCP); less than that may have been overtaken, and most of it be missing.
   */
  #judge(acknowledged: number, step: number, now: number): void {
    if (!this.#isUnjudged) return;
    if (!this.#rtt.precedesAnswer(now, this.#repeatedAt)) {
      // So does each ACK of a client that acknowledges block by block, behind a slow link and a first round trip of none.
      if (step === 1) return;
      if (this.#doubt > 0) this.#doubt--;
    } else if (2 * (acknowledged - this.#repeatedFrom) > this.#point - this.#repeatedFrom) {
      this.#raiseDoubt(DOUBTFUL);
    } else return;
    this.#isUnjudged = false;
  }

  #raiseDoubt(by: number): void {
    this.#doubt = Math.min(this.#doubt + by, MAX_DOUBT);
  }
}
