import type { TransferOutcome } from "../../contract/events.ts";
import { contentStalled, ErrorCode, type Fault } from "./fault.ts";
import { decodeAck, decodeError, encodeError, Opcode, opcodeOf } from "./packet.ts";

/** When to lose patience. All in milliseconds. */
export interface Timing {
  /** Silence before the first retransmission. */
  readonly intervalMs: number;
  /** The interval was negotiated (RFC 2349) and stays; otherwise it doubles, up to MAX_INTERVAL. */
  readonly fixed: boolean;
  /** Retransmissions in a row before the client is given up. */
  readonly maxRetries: number;
}

/** What a transfer is to be, as negotiated. */
export interface TransferPlan {
  readonly blockSize: number;
  readonly windowSize: number;
  /** The OACK to begin with; undefined: begin with block 1. */
  readonly offer: Uint8Array | undefined;
  readonly timing: Timing;
}

/**
 * What the caller has to do after an input. One input has one effect at most:
 * send `offer`; send the blocks from `next` to `windowEnd`; or clean up: `outcome` and `parting` say how.
 */
export type Effect = "nothing" | "send-offer" | "send-blocks" | "end";

/** The back-off ends here: a board that reboots slowly still finds us within 8 s. */
const MAX_INTERVAL = 8_000;

/** Until an ACK has proved that the client's address is its own, no more retransmissions than this leave. */
const UNPROVED_RETRANSMISSIONS = 3;

/** How long content may take before the transfer is given up. */
export const CONTENT_PATIENCE = 30_000;

/**
 * The server's side of one read transfer (RFC 1350, 2347, 7440). No sockets, no clock, no content: datagrams and
 * the time come in, effects come out, and `deadline` says when the time is of interest again.
 * Blocks are numbered absolutely, from 1; only the wire sees them modulo 65536.
 */
export class ReadTransfer {
  /** When to call `handleTimeout`, on the caller's clock. */
  deadline: number = Infinity;
  /** The next block to send. */
  next = 1;
  /** Number of the last block, as soon as the content tells it. */
  lastBlock: number | undefined;
  /** Set by the effect "end". */
  outcome: TransferOutcome | undefined;
  /** An ERROR packet to send once, at the end. */
  parting: Uint8Array | undefined;
  /** What ended it, where an ERROR packet (ours or the client's) or an ICMP message did. */
  error: { readonly code?: number; readonly text: string } | undefined;
  retransmissions = 0;
  /** Datagrams that moved nothing. */
  ignored = 0;

  readonly plan: TransferPlan;
  /** The last block that the client has acknowledged; 0 for none. */
  #acknowledged = 0;
  /** The highest block that was ever sent: an ACK beyond it comes from the future. */
  #highest = 0;
  #offering: boolean;
  /** Some ACK came: the client is where it says it is. */
  #proved = false;
  /** Timeouts in a row. */
  #retries = 0;
  /** The window in flight was sent again because of a duplicate ACK; it will not be a second time. */
  #resentOnDuplicate = false;

  constructor(plan: TransferPlan) {
    this.plan = plan;
    this.#offering = plan.offer !== undefined;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The last block of the window that may be in flight. */
  get windowEnd(): number {
    const end = this.#acknowledged + this.plan.windowSize;
    return this.lastBlock === undefined || end < this.lastBlock ? end : this.lastBlock;
  }

  /** True once the client has acknowledged anything. */
  get proved(): boolean {
    return this.#proved;
  }

  /** The first packet: the OACK, or without options block 1 (RFC 2347). */
  start(now: number): Effect {
    if (!this.#offering) return this.#owe(now);
    this.#arm(now);
    return "send-offer";
  }

  /** The blocks up to this one have left. */
  sent(block: number, now: number): void {
    this.next = block + 1;
    if (block > this.#highest) this.#highest = block;
    if (block >= this.windowEnd) this.#arm(now);
  }

  /** A datagram from the client. */
  handle(bytes: Uint8Array, length: number, now: number): Effect {
    if (this.outcome !== undefined) return "nothing";
    const opcode = opcodeOf(bytes, length);
    if (opcode === Opcode.ack) return this.#handleAck(decodeAck(bytes, length), now);
    if (opcode === Opcode.error) return this.#handleError(bytes, length);
    return this.#ignore();
  }

  /** To be called once `deadline` has passed. */
  handleTimeout(now: number): Effect {
    if (this.outcome !== undefined || now < this.deadline) return "nothing";
    if (!this.#offering && this.next <= this.windowEnd) return this.fail(contentStalled);
    if (this.#retries === this.plan.timing.maxRetries) return this.#giveUp();
    this.#retries++;
    this.#arm(now);
    if (!this.#proved && this.#retries > UNPROVED_RETRANSMISSIONS) return "nothing";
    this.retransmissions++;
    if (this.#offering) return "send-offer";
    this.#resentOnDuplicate = false;
    this.next = this.#acknowledged + 1;
    return this.#owe(now);
  }

  /** The client's port is closed (ICMP): nobody is there to send anything to. */
  handleUnreachable(): Effect {
    this.error = { text: "port unreachable" };
    return this.#end(this.#lastIsOut() ? "unconfirmed" : "client-error");
  }

  /** Ends the transfer by an ERROR to the client. */
  fail(fault: Fault, outcome: TransferOutcome = "failed"): Effect {
    this.parting = encodeError(fault.code, fault.text);
    this.error = { code: fault.code, text: fault.text };
    return this.#end(outcome);
  }

  /** Ends the transfer without a word: the client has asked for something else. */
  replace(): Effect {
    return this.#end("replaced");
  }

  #handleAck(number: number | undefined, now: number): Effect {
    if (number === undefined) return this.#ignore();
    if (this.#offering) return number === 0 ? this.#acceptOffer(now) : this.#ignore();
    const step = (number - this.#acknowledged) & 0xffff;
    if (step === 0) return this.#handleDuplicate(now);
    // Old ACKs look like ones from far in the future, and neither moves anything (RFC 1123 section 4.2.3.1).
    if (step > this.#highest - this.#acknowledged) return this.#ignore();
    this.#progress();
    this.#acknowledged += step;
    if (this.#acknowledged === this.lastBlock) return this.#end("complete");
    // RFC 7440 section 4: an ACK inside the window means that the rest was lost: go on right behind it.
    this.next = this.#acknowledged + 1;
    return this.#owe(now);
  }

  #acceptOffer(now: number): Effect {
    this.#offering = false;
    this.#progress();
    return this.#owe(now);
  }

  /**
   * In lock-step a duplicate ACK draws nothing, or every later block would be sent twice (Sorcerer's Apprentice,
   * RFC 1123 section 4.2.3.1). With windows it says that the first block of the window was lost.
   */
  #handleDuplicate(now: number): Effect {
    const nothingSent = this.next === this.#acknowledged + 1;
    if (this.plan.windowSize === 1 || this.#resentOnDuplicate || nothingSent) return this.#ignore();
    this.#resentOnDuplicate = true;
    this.retransmissions++;
    this.next = this.#acknowledged + 1;
    return this.#owe(now);
  }

  #handleError(bytes: Uint8Array, length: number): Effect {
    this.error = decodeError(bytes, length);
    // EDK2 asks for tsize alone to learn the size, and refuses the OACK that tells it.
    const isSizeQuery = this.error.code === ErrorCode.optionsRefused && this.plan.offer && this.#acknowledged === 0;
    return this.#end(isSizeQuery ? "size-query" : "client-error");
  }

  #progress(): void {
    this.#proved = true;
    this.#retries = 0;
    this.#resentOnDuplicate = false;
  }

  /** Blocks are due: until they have left, only the content's patience counts. */
  #owe(now: number): Effect {
    this.deadline = now + CONTENT_PATIENCE;
    return "send-blocks";
  }

  #arm(now: number): void {
    const { intervalMs, fixed } = this.plan.timing;
    const backedOff = Math.min(intervalMs * 2 ** this.#retries, Math.max(intervalMs, MAX_INTERVAL));
    this.deadline = now + (fixed ? intervalMs : backedOff);
  }

  #giveUp(): Effect {
    return this.#end(this.#lastIsOut() ? "unconfirmed" : "timed-out");
  }

  #lastIsOut(): boolean {
    return this.#highest === this.lastBlock;
  }

  #ignore(): Effect {
    this.ignored++;
    return "nothing";
  }

  #end(outcome: TransferOutcome): Effect {
    this.outcome = outcome;
    this.deadline = Infinity;
    return "end";
  }
}
