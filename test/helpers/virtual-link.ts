import type { TransferOutcome } from "../../src/contract/events/outcomes.ts";
import { negotiate } from "../../src/worker/protocol/negotiate.ts";
import { numberOf } from "../../src/worker/protocol/block-number.ts";
import { DATA_HEADER, writeDataHeader } from "../../src/worker/protocol/packet.ts";
import { ReadTransfer } from "../../src/worker/protocol/read-transfer.ts";
import type { Effect, Timing } from "../../src/worker/protocol/transfer-plan.ts";

/** A datagram in flight. Faults are edits of the array that holds them. */
export interface InFlight {
  readonly to: "client" | "server";
  bytes: Uint8Array;
  /** When it arrives, in virtual milliseconds. */
  at: number;
}

export interface ServerOptions {
  readonly content?: Uint8Array;
  readonly options?: Readonly<Record<string, string>>;
  readonly timing?: Partial<Timing>;
  readonly maxWindowSize?: number;
  readonly variableWindow?: boolean;
}

/**
 * A transfer on a virtual wire: no sockets, no timers, and a clock that is a number. What the server sends lands in
 * `wire`; a test reads it, edits it, answers it, and moves `now`.
 */
export class VirtualServer {
  now = 0;
  readonly wire: InFlight[] = [];
  readonly transfer: ReadTransfer;
  /** How many datagrams the server has sent. */
  packetsSent = 0;
  readonly #content: Uint8Array;

  constructor({
    content = new Uint8Array(0),
    options = {},
    timing = {},
    maxWindowSize = 64,
    variableWindow = false,
  }: ServerOptions = {}) {
    this.#content = content;
    const defaults = { retransmitMs: 1_000, maxRetries: 8, maxSilenceMs: 120_000 };
    const limits = { maxBlockSize: 65_464, maxWindowSize, windowBytes: 0, variableWindow, ...defaults };
    const plan = negotiate(new Map(Object.entries(options)), limits, content.length);
    this.transfer = new ReadTransfer({ ...plan, timing: { ...plan.timing, ...timing } });
    this.transfer.lastBlock = Math.floor(content.length / plan.blockSize) + 1;
    this.carryOut(this.transfer.start(this.now));
  }

  get outcome(): TransferOutcome | undefined {
    return this.transfer.outcome;
  }

  /** Delivers bytes from the client. */
  receive(bytes: Uint8Array): void {
    this.carryOut(this.transfer.handle(bytes, bytes.length, this.now));
  }

  ack(block: number, nextWindow?: number): void {
    this.receive(ackPacket(block, nextWindow));
  }

  /** Takes what the server has sent off the wire, as short notes: "OACK", "3" for DATA 3, "ERROR 0". */
  taken(): string[] {
    return this.wire.splice(0).map(({ bytes }) => note(bytes));
  }

  /** Moves the clock to the transfer's deadline, and tells it; returns how long that was. */
  sleep(): number {
    const slept = this.transfer.deadline - this.now;
    this.now = this.transfer.deadline;
    this.onDeadline();
    return slept;
  }

  /** Moves the clock, and wakes the transfer as often as it asks for on the way. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.transfer.deadline <= end) this.sleep();
    this.now = end;
  }

  onDeadline(): void {
    this.carryOut(this.transfer.handleTimeout(this.now));
  }

  carryOut(effect: Effect): void {
    const { plan, parting } = this.transfer;
    if (effect === "send-offer" && plan.offer) this.#send(plan.offer);
    if (effect === "send-blocks") {
      while (this.transfer.next <= this.transfer.sendEnd) {
        this.#send(this.#dataPacket(this.transfer.next));
        this.transfer.sent(this.transfer.next, this.now);
      }
    }
    if (effect === "end" && parting) this.#send(parting);
  }

  #dataPacket(block: number): Uint8Array {
    const { blockSize, rollover } = this.transfer.plan;
    const payload = this.#content.subarray((block - 1) * blockSize, block * blockSize);
    const packet = new Uint8Array(DATA_HEADER + payload.length);
    writeDataHeader(packet, 0, numberOf(block, rollover));
    packet.set(payload, DATA_HEADER);
    return packet;
  }

  #send(bytes: Uint8Array): void {
    this.packetsSent++;
    this.wire.push({ to: "client", bytes, at: this.now });
  }
}

/** `nextWindow`: as WDS's clients say it. */
export function ackPacket(block: number, nextWindow?: number): Uint8Array {
  const tail = nextWindow === undefined ? [] : [nextWindow];
  return Uint8Array.of(0, 4, (block >> 8) & 0xff, block & 0xff, ...tail);
}

export function errorPacket(code: number, text = ""): Uint8Array {
  return Uint8Array.of(0, 5, 0, code, ...new TextEncoder().encode(text), 0);
}

export function bytesOf(length: number): Uint8Array {
  // Uint8Array.from() with a function takes fifteen times as long.
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = index * 31 + (index >> 8);
  return bytes;
}

function note(bytes: Uint8Array): string {
  if (bytes[1] === 6) return "OACK";
  const number = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  return bytes[1] === 5 ? `ERROR ${number}` : String(number);
}
