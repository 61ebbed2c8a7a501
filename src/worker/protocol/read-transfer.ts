import type { TransferOutcome } from "../../contract/events/outcomes.ts";
import { contentStalled, ErrorCode, type Fault } from "./fault.ts";
import { decodeAck, decodeError, decodeNextWindow, encodeError, Opcode, opcodeOf } from "./packet.ts";
import type { Effect, TransferPlan } from "./transfer-plan.ts";
import { type Step, Transmission } from "./transmission.ts";

/**
 * The server's side of one read transfer (RFC 1350, 2347, 7440). No sockets, no clock, no content: datagrams and
 * the time come in, effects come out, and `deadline` says when the time is of interest again.
 * `Transmission` decides what leaves when; here is what the packets say, and how the transfer ends.
 */
export class ReadTransfer {
  /** Set by the effect "end". */
  outcome: TransferOutcome | undefined;
  /** An ERROR packet to send once, at the end. */
  parting: Uint8Array | undefined;
  /** What ended it, if an ERROR packet (ours or the client's) or an ICMP message did. */
  error: { readonly code?: number; readonly text: string } | undefined;
  /** Datagrams that moved nothing. */
  ignored = 0;
  readonly plan: TransferPlan;
  readonly #transmission: Transmission;
  /** `retransmissions` when the client's port was first said to be closed. */
  #refusedAt: number | undefined;

  constructor(plan: TransferPlan) {
    this.plan = plan;
    this.#transmission = new Transmission(plan);
  }

  /** When to call `handleTimeout`, on the caller's clock. */
  get deadline(): number {
    return this.outcome === undefined ? this.#transmission.deadline : Infinity;
  }

  /** The deadline is a few ms away, and being late costs as much as the loss itself: a timer should be exact. */
  get isUrgent(): boolean {
    return this.outcome === undefined && this.#transmission.isUrgent;
  }

  get retransmissions(): number {
    return this.#transmission.retransmissions;
  }

  /** The last block that the client has acknowledged; 0 for none. */
  get acknowledged(): number {
    return this.#transmission.window.acknowledged;
  }

  /** The OACK is not acknowledged yet. */
  get isOffering(): boolean {
    return this.#transmission.isOffering;
  }

  /** True once the client has acknowledged anything. */
  get proved(): boolean {
    return this.#transmission.isProved;
  }

  /** The last block has been sent: the client most likely has the file. */
  get isLastBlockOut(): boolean {
    return this.#transmission.window.highest === this.lastBlock;
  }

  /** The next block to send. */
  get next(): number {
    return this.#transmission.window.next;
  }

  /** The last block that may leave now. */
  get sendEnd(): number {
    return this.#transmission.sendEnd;
  }

  /** Number of the last block, as soon as the content shows it. */
  get lastBlock(): number | undefined {
    return this.#transmission.window.lastBlock;
  }

  set lastBlock(block: number | undefined) {
    this.#transmission.window.lastBlock = block;
  }

  /** The first packet: the OACK, or without options block 1 (RFC 2347). */
  start(now: number): Effect {
    return this.#carryOut(this.#transmission.start(now));
  }

  /** The blocks up to this one have left. */
  sent(block: number, now: number): void {
    this.#transmission.sent(block, now);
  }

  /** A datagram from the client. */
  handle(bytes: Uint8Array, length: number, now: number): Effect {
    if (this.outcome !== undefined) return "nothing";
    const opcode = opcodeOf(bytes, length);
    if (opcode === Opcode.ack) return this.#handleAck(bytes, length, now);
    if (opcode === Opcode.error) return this.#handleError(bytes, length);
    return this.#carryOut("ignore");
  }

  /** To be called once `deadline` has passed. */
  handleTimeout(now: number): Effect {
    return this.outcome === undefined ? this.#carryOut(this.#transmission.handleTimeout(now)) : "nothing";
  }

  /** The client has sent its request again: it has lost the first packet, or has restarted. */
  handleRepeat(now: number): Effect {
    return this.outcome === undefined ? this.#transmission.handleRepeat(now) : "nothing";
  }

  /**
   * The client's port is said to be closed (ICMP). Any router or forger can say so, and a board may be on its way up:
   * it ends the transfer only if it comes again after one more retransmission, for which no back-off is waited.
   */
  handleUnreachable(now: number): Effect {
    if (this.outcome !== undefined) return "nothing";
    if (this.#refusedAt === undefined) this.#transmission.skipBackOff(now);
    this.#refusedAt ??= this.retransmissions;
    if (this.retransmissions === this.#refusedAt) return "nothing";
    this.error = { text: "port unreachable" };
    return this.#end(this.isLastBlockOut ? "unconfirmed" : "client-error");
  }

  /** Ends the transfer by an ERROR to the client. */
  fail(fault: Fault, outcome: TransferOutcome = "failed"): Effect {
    this.parting = encodeError(fault.code, fault.text);
    this.error = { code: fault.code, text: fault.text };
    return this.#end(outcome);
  }

  /** Ends the transfer without a word: the client has gone on to another one, or others need its place. */
  abandon(outcome: "replaced" | "evicted"): Effect {
    return this.#end(outcome);
  }

  #handleAck(bytes: Uint8Array, length: number, now: number): Effect {
    const number = decodeAck(bytes, length);
    const nextWindow = this.plan.hasVariableWindow ? decodeNextWindow(bytes, length) : undefined;
    const step = number === undefined ? "ignore" : this.#transmission.handleAck(number, now, nextWindow);
    if (step !== "ignore") this.#refusedAt = undefined;
    return this.#carryOut(step);
  }

  #handleError(bytes: Uint8Array, length: number): Effect {
    this.error = decodeError(bytes, length);
    return this.#end(this.#isSizeQuery(this.error.code) ? "size-query" : "client-error");
  }

  /** EDK2 (ERROR 8), Pi 3 and Intel UNDI (ERROR 0) ask for tsize alone to learn the size, and refuse the rest. */
  #isSizeQuery(code: number | undefined): boolean {
    if (this.acknowledged > 0) return false;
    if (code === ErrorCode.optionsRefused) return this.plan.offer !== undefined;
    return code === ErrorCode.notDefined && this.plan.announcesSize;
  }

  #carryOut(step: Step): Effect {
    if (step === "send-blocks" || step === "send-offer" || step === "nothing") return step;
    if (step === "complete") return this.#end("complete");
    if (step === "give-up") return this.#end(this.isLastBlockOut ? "unconfirmed" : "timed-out");
    if (step === "stalled") return this.fail(contentStalled);
    this.ignored++;
    return "nothing";
  }

  #end(outcome: TransferOutcome): Effect {
    this.outcome = outcome;
    return "end";
  }
}
