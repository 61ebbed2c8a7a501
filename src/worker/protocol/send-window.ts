import { blocksAhead, type Rollover } from "./block-number.ts";

/**
 * Which blocks are acknowledged, in flight, and due (RFC 7440). Blocks are numbered absolutely, from 1; on the
 * wire their numbers repeat themselves.
 */
export class SendWindow {
  /** The next block to send. */
  next = 1;
  /** Number of the last block, as soon as the content shows it. */
  lastBlock: number | undefined;
  /** The last block that the client has acknowledged; 0 for none. */
  acknowledged = 0;
  /** The highest block that was ever sent: an ACK beyond it comes from the future. */
  highest = 0;
  /** In blocks; changes only if the client says so (`msftwindow`). */
  size: number;
  readonly #rollover: Rollover;

  constructor(size: number, rollover: Rollover) {
    this.size = size;
    this.#rollover = rollover;
  }

  /** The last block that may be in flight. */
  get end(): number {
    const end = this.acknowledged + this.size;
    return this.lastBlock === undefined || end < this.lastBlock ? end : this.lastBlock;
  }

  get isOwed(): boolean {
    return this.next <= this.end;
  }

  /** All blocks that ever left are acknowledged. */
  get isEmpty(): boolean {
    return this.acknowledged === this.highest;
  }

  /** How many blocks an ACK is ahead of the last one; 0 for that one once more, undefined for one to ignore. */
  stepTo(number: number): number | undefined {
    const step = blocksAhead(this.acknowledged, number, this.#rollover);
    // Old ACKs look like ones from far in the future, and neither moves anything (RFC 1123 section 4.2.3.1).
    return step <= this.highest - this.acknowledged ? step : undefined;
  }

  /** An ACK: nothing up to it is sent any more. */
  advance(step: number): void {
    this.acknowledged += step;
    if (this.next <= this.acknowledged) this.next = this.acknowledged + 1;
  }

  /** The blocks up to this one have left; true if this one did for the first time. */
  send(block: number): boolean {
    this.next = block + 1;
    if (block <= this.highest) return false;
    this.highest = block;
    return true;
  }

  /** All blocks behind the last ACK are due again. */
  rewind(): void {
    this.next = this.acknowledged + 1;
  }

  /** Only the last block of the window is due again. */
  rewindToLast(): void {
    this.next = this.end;
  }
}
