import { LossRecovery } from "./loss-recovery.ts";
import { Pacer } from "./pacer.ts";
import { RetransmissionTimer } from "./retransmission-timer.ts";
import { SendWindow } from "./send-window.ts";
import type { Effect, TransferPlan } from "./transfer-plan.ts";

/** What follows from an ACK or from time that has passed. */
export type Step =
  | Effect
  /** The ACK moved nothing. */
  | "ignore"
  /** The last block is acknowledged. */
  | "complete"
  /** The client has been silent for too long. */
  | "give-up"
  /** The content has. */
  | "stalled";

/** How long content may take before the transfer is given up. */
export const CONTENT_PATIENCE = 30_000;

/** A request that is repeated so soon after its answer, in ms, draws no other: iPXE sends three at once. */
const REPEAT_GAP = 200;

/** In blocks: less than that is probed by all of it. */
const SHORT_WINDOW = 4;
/** A probe may take this much longer than the shortest round trip, in ms: a block of 1,468 bytes at 4 Mbit/s. */
const PROBE_TRANSIT = 3;
/** In blocks: more than that is probed even if nothing was lost so far, for one block of them is no cost. */
const LONG_WINDOW = 8;

/**
 * Decides which packet of a transfer leaves when: the OACK, then the blocks, each once if all goes well.
 *
 * At any time it either owes blocks, and the deadline is the content's or the pacer's; or all have left, and the
 * deadline is the client's. When to send a block again is decided by parts that know nothing of each other:
 * `RetransmissionTimer` for silence, `LossRecovery` for ACKs, and `Pacer` for how much leaves at once.
 */
export class Transmission {
  /** When to call `handleTimeout`. */
  deadline: number = Infinity;
  retransmissions = 0;
  readonly window: SendWindow;
  readonly #timer: RetransmissionTimer;
  readonly #recovery: LossRecovery;
  readonly #pacer: Pacer;
  #isOffering: boolean;
  /** When the block behind the last ACK became due, or was sent again. */
  #sentAt = 0;
  /** When that block had left, and what left together with it. */
  #firstLeftAt = 0;
  /** All blocks behind the last ACK left then, and once since: an ACK of some of them measures the round trip. */
  #isTimed = false;
  /** When all that was due had left. */
  #leftAt = 0;
  /** The way was free at that time: nothing of this transfer was in flight. */
  #wasFree = true;
  /** The deadline is a tail loss probe's, which comes before the time-out. */
  #isProbeDue = false;
  /** What is in flight was probed already. */
  #hasProbed = false;
  /** A timer has run out since the last ACK that moved anything. */
  #wasSilent = false;

  constructor({ offer, windowSize, hasVariableWindow, rollover, timing }: TransferPlan) {
    this.#isOffering = offer !== undefined;
    this.window = new SendWindow(windowSize, rollover);
    this.#timer = new RetransmissionTimer(timing, windowSize > 1 || hasVariableWindow);
    this.#recovery = new LossRecovery(this.#timer.rtt);
    this.#pacer = new Pacer(windowSize);
  }

  /** The last block that may leave now: the window's last one, unless the way needs a pause before that. */
  get sendEnd(): number {
    const { end } = this.window;
    return this.#pacer.isActive ? Math.min(this.#pacer.limit, end) : end;
  }

  /** The OACK is not acknowledged yet. */
  get isOffering(): boolean {
    return this.#isOffering;
  }

  /** True once the client has acknowledged anything. */
  get isProved(): boolean {
    return this.#timer.isProved;
  }

  /** The deadline is a few ms away, and being late costs as much as the loss itself: a timer should be exact. */
  get isUrgent(): boolean {
    return (this.#isProbeDue && this.#recovery.hasRepeated) || this.#recovery.isWaiting || this.#isPausing;
  }

  /** The first packet: the OACK, or without options block 1 (RFC 2347). */
  start(now: number): Step {
    this.#timer.start(now);
    if (!this.#isOffering) return this.#owe(now);
    this.#timer.rtt.start(0, now);
    this.#arm(now);
    return "send-offer";
  }

  /** The blocks up to this one have left. */
  sent(block: number, now: number): void {
    const pacer = this.#pacer;
    const { next, acknowledged } = this.window;
    if (next === acknowledged + 1) this.#firstLeftAt = now;
    if (pacer.isActive) pacer.spend(block - next + 1);
    this.#recovery.left(now);
    const isNew = this.window.send(block);
    if (block >= this.window.end) {
      if (isNew) this.#timer.rtt.start(block, now);
      this.#arm(now);
    } else if (pacer.isActive && block >= pacer.limit) this.deadline = pacer.resumeAt;
  }

  /** To be called once `deadline` has passed. */
  handleTimeout(now: number): Step {
    if (now < this.deadline) return "nothing";
    if (!this.#isOffering && this.window.isOwed) {
      return this.#isPausing ? this.#owe(now) : "stalled";
    }
    if (this.#recovery.isWaiting) return this.#repeat(now);
    this.#wasSilent = true;
    if (this.#isProbeDue) return this.#probe(now);
    if (this.#timer.isOver(now)) return "give-up";
    if (this.#timer.retry(now) > 1) this.#pacer.onSilence();
    this.#recovery.restart();
    this.#wasFree = true;
    return this.#repeat(now);
  }

  /** The number of an ACK has come, and how many blocks the client wants next, if it may say so. */
  handleAck(number: number, now: number, nextWindow?: number): Step {
    const step = this.#isOffering ? number : this.window.stepTo(number);
    if (step === undefined || (this.#isOffering && step !== 0)) return "ignore";
    if (step === 0 && !this.#isOffering) return this.#handleDuplicate(now, nextWindow);
    if (nextWindow !== undefined) this.#resize(nextWindow);
    if (this.#isOffering) return this.#acceptOffer(now);
    this.window.advance(step);
    this.#timer.progress(this.window.acknowledged, now);
    if (this.window.acknowledged === this.window.lastBlock) return "complete";
    return this.window.isEmpty ? this.#handleWhole(step, now) : this.#handlePart(step, now);
  }

  /**
   * The request has come again. As long as nothing is acknowledged, the first packet goes out once more, unless it has
   * only just left, and is on its way.
   */
  handleRepeat(now: number): Effect {
    if (this.#timer.isProved || now - this.#leftAt < REPEAT_GAP) return "nothing";
    if (!this.#isOffering && this.window.isOwed) return "nothing";
    this.#timer.renew(now);
    return this.#repeat(now);
  }

  /** The next retransmission is to wait for no back-off. */
  skipBackOff(now: number): void {
    if (!this.window.isOwed) this.deadline = Math.min(this.deadline, this.#timer.firstDeadline(now));
  }

  #resize(windowSize: number): void {
    this.window.size = windowSize;
    this.#pacer.windowSize = windowSize;
  }

  #acceptOffer(now: number): Step {
    this.#isOffering = false;
    this.#wasSilent = false;
    this.#timer.progress(0, now);
    return this.#owe(now);
  }

  /** Everything that was sent has arrived: the only case in lock-step, and in windows without a loss. */
  #handleWhole(step: number, now: number): Step {
    if (this.#pacer.isAlert && this.#wasFree) {
      const sinceLast = this.#beyondRoundTrip(this.#leftAt, now);
      this.#pacer.onWindow(step, this.#beyondRoundTrip(this.#sentAt, now), sinceLast);
    } else if (this.#hasProbed && this.#isAnswerToProbe(now)) this.#pacer.onTailLoss(step - 1, undefined);
    if (this.#recovery.isAlert) this.#recovery.onWhole(this.window.acknowledged, now);
    this.#wasSilent = false;
    this.#wasFree = true;
    return this.#owe(now);
  }

  /** RFC 7440 section 4: an ACK inside the window means that the rest was lost, and to go on right behind it. */
  #handlePart(step: number, now: number): Step {
    const { acknowledged, highest } = this.window;
    const elapsed = this.#beyondRoundTrip(this.#sentAt, now);
    if (this.#wasSilent && highest - acknowledged > 1) {
      this.#pacer.onTailLoss(step, this.#wasFree ? elapsed : undefined);
    } else if (this.#isTimed) {
      this.#pacer.onLoss(step, elapsed, this.#wasFree);
      this.#pacer.onGap(step, elapsed, this.#timer.rtt.shortest);
      this.#timer.rtt.acknowledgePart(this.#sentAt, this.#wasFree, now);
    }
    this.#isTimed = false;
    this.#wasSilent = false;
    this.#wasFree = false;
    if (this.#recovery.onPart(acknowledged, step, now) === "go-back") return this.#goBack(now);
    if (this.window.isOwed) return this.#owe(now);
    this.#arm(now);
    return "nothing";
  }

  /**
   * In lock-step a repeated ACK is an echo, and answering it would send every later block twice (Sorcerer's Apprentice,
   * RFC 1123 section 4.2.3.1), unless it comes so late that it can only be a question. With windows it may be more.
   */
  #handleDuplicate(now: number, nextWindow: number | undefined): Step {
    const wasOwed = this.window.isOwed;
    if (nextWindow !== undefined) this.#resize(nextWindow);
    const step = this.#answerDuplicate(now);
    if (step !== "ignore" || this.window.isOwed === wasOwed) return step;
    // A larger window lets more leave at once; in a smaller one all has left.
    if (!wasOwed) return this.#owe(now);
    this.#arm(now);
    return step;
  }

  #answerDuplicate(now: number): Step {
    const { acknowledged, highest, next } = this.window;
    // Before the first progress an ACK proves nothing, and brings no more than the three retransmissions.
    if (next === acknowledged + 1 || !this.#timer.isProved) return "ignore";
    const isBackedOff = this.#timer.hear(now);
    const wasWaiting = this.#recovery.isWaiting;
    if (this.#timer.isQuestion(now, this.#sentAt)) return this.#repeat(now);
    const verdict =
      this.window.size > 1
        ? this.#recovery.onDuplicate(acknowledged, highest - acknowledged, this.#firstLeftAt, now)
        : "go-on";
    if (verdict === "go-back") {
      // What drew these ACKs may not be all that is in flight: the next ones measure no round trip.
      this.#wasFree = false;
      return this.#repeat(now);
    }
    // While it waits, the client is busy with blocks that came twice, and what is missed may be behind them.
    if (wasWaiting && this.#recovery.isWaiting && !this.window.isOwed) this.#arm(now);
    else if (isBackedOff || verdict === "wait") this.#hasten(now);
    return "ignore";
  }

  /** Sends what is in flight again: nothing, or the same ACK, came back. */
  #repeat(now: number): Effect {
    this.retransmissions++;
    return this.#goBack(now);
  }

  #goBack(now: number): Effect {
    const { highest, acknowledged } = this.window;
    this.#recovery.repeat(highest, highest - acknowledged, now);
    // What a timer repeats may have arrived long ago, and its ACK then still is a measurement.
    if (!this.#wasSilent) this.#timer.rtt.abandon();
    if (this.#isOffering) {
      this.#arm(now);
      return "send-offer";
    }
    this.window.rewind();
    return this.#owe(now);
  }

  /**
   * A tail loss probe (RFC 8985 section 7): the last block of the window draws an ACK, whatever became of the others.
   * A short window goes whole, which spares a round trip if more than that block is missing.
   */
  #probe(now: number): Effect {
    this.retransmissions++;
    if (this.#recovery.hasRepeated) this.#timer.rtt.repeat(now);
    else this.#timer.firstProbe(now);
    this.#recovery.repeat(this.window.highest, this.window.highest - this.window.acknowledged, now);
    this.#recovery.restart();
    this.#wasFree = false;
    this.#isTimed = false;
    if (this.window.end - this.window.acknowledged > SHORT_WINDOW) this.window.rewindToLast();
    else this.window.rewind();
    const effect = this.#owe(now);
    this.#hasProbed = true;
    return effect;
  }

  /** Blocks are due: until they have left, only the content's patience counts, or a pause on the way. */
  #owe(now: number): Effect {
    const { next, acknowledged } = this.window;
    if (next === acknowledged + 1) {
      this.#sentAt = now;
      this.#isTimed = !this.#wasSilent;
      this.#hasProbed = false;
    }
    this.#isProbeDue = false;
    this.deadline = now + CONTENT_PATIENCE;
    if (!this.#pacer.isActive || this.#pacer.admit(next, this.window.end, now)) return "send-blocks";
    this.deadline = this.#pacer.resumeAt;
    return "nothing";
  }

  /** Everything has left: the client has the word. */
  #arm(now: number): void {
    this.#leftAt = now;
    const { acknowledged, highest } = this.window;
    const { hasRepeated, isWaiting } = this.#recovery;
    const inFlight = highest - acknowledged;
    const mayProbe = !this.#hasProbed && inFlight > (hasRepeated ? 1 : LONG_WINDOW);
    this.#isProbeDue = mayProbe && !isWaiting && this.#timer.mayProbe;
    if (isWaiting) this.deadline = this.#timer.waitDeadline(now);
    else this.deadline = this.#isProbeDue ? this.#timer.probeDeadline(now, hasRepeated) : this.#timer.deadline(now);
  }

  /** Something has been heard that brings the deadline closer, but never puts it off: the client may ask for ever. */
  #hasten(now: number): void {
    if (this.window.isOwed) return;
    const before = this.deadline;
    this.#arm(now);
    if (before < this.deadline) this.deadline = before;
  }

  /** An ACK of everything came as soon after the probe as its answer does: only the last block was missing. */
  #isAnswerToProbe(now: number): boolean {
    const { rtt } = this.#timer;
    return !rtt.precedesAnswer(now, this.#leftAt) && rtt.answersFirst(now - PROBE_TRANSIT, this.#leftAt);
  }

  /** How much longer than a round trip an ACK took for what left at `sentAt`. */
  #beyondRoundTrip(sentAt: number, now: number): number {
    return now - sentAt - this.#timer.rtt.shortest;
  }

  /** More blocks leave at the deadline. */
  get #isPausing(): boolean {
    return this.#pacer.isActive && this.deadline === this.#pacer.resumeAt;
  }
}
