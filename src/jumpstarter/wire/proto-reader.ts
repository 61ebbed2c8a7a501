/** What the wire type of a tag means (protobuf encoding). Groups are deprecated, and refused. */
export const WIRE: { readonly varint: 0; readonly fixed64: 1; readonly bytes: 2; readonly fixed32: 5 } = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  fixed32: 5,
};

/** Reads one message of protobuf's binary format. Every length is checked against what is there. */
export class ProtoReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** The number of the next field, and its wire type. */
  tag(): { readonly field: number; readonly wire: number } {
    const tag = this.varint();
    const field = Math.floor(tag / 8);
    if (field === 0) throw malformed("a field of number 0");
    return { field, wire: tag % 8 };
  }

  /**
   * Up to 2^53 exactly; higher ones lose their low bits, and a negative int32 or int64 comes as its two's complement.
   */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw malformed("a varint of more than 10 bytes");
  }

  double(): number {
    const bytes = this.#take(8);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
  }

  /** A view of the message's own memory. */
  bytes(): Uint8Array {
    return this.#take(this.varint());
  }

  text(): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.bytes());
  }

  /** A field that is not known: newer versions may send more. */
  skip(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        this.varint();
        return;
      case WIRE.fixed64:
        this.#take(8);
        return;
      case WIRE.bytes:
        this.bytes();
        return;
      case WIRE.fixed32:
        this.#take(4);
        return;
      default:
        throw malformed(`the wire type ${wire}`);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw malformed("an early end");
    this.#at++;
    return byte;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw malformed("an early end");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

export function malformed(what: string): Error {
  return new Error(`malformed protobuf message: ${what}`);
}
