import { nodeV8 } from "../../shared/lazy-builtins.ts";

/** The size of the length in front of each message, an unsigned 32-bit number, in bytes. */
const PREFIX = 4;

/** Encodes a message for the socket. Both ends run the same Node, so its own serialization can be used. */
export function encodeFrame(message: unknown): [prefix: Buffer, body: Buffer] {
  const body = nodeV8().serialize(message);
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(body.length);
  return [prefix, body];
}

/** Reassembles messages from the pieces that a socket delivers. */
export class FrameReader {
  readonly #received: (message: unknown) => void;
  #pieces: Buffer[] = [];
  #length = 0;
  /** How many bytes the next step needs: a prefix, or a prefix and its body. */
  #needed = PREFIX;

  constructor(received: (message: unknown) => void) {
    this.#received = received;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    while (this.#length >= this.#needed) this.#step();
  }

  #step(): void {
    const bytes = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    const whole = PREFIX + bytes.readUInt32BE();
    this.#needed = whole;
    if (bytes.length < whole) return;
    const rest = bytes.subarray(whole);
    this.#pieces = rest.length > 0 ? [rest] : [];
    this.#length = rest.length;
    this.#needed = PREFIX;
    this.#received(nodeV8().deserialize(bytes.subarray(PREFIX, whole)));
  }
}
