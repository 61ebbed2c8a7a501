import { WIRE } from "./proto-reader.ts";

/** Writes one message of protobuf's binary format. Large bytes are copied once, at the end. */
export class ProtoWriter {
  readonly #pieces: Uint8Array[] = [];

  varint(field: number, value: number): void {
    this.#tag(field, WIRE.varint);
    this.#pieces.push(varint(value));
  }

  double(field: number, value: number): void {
    this.#tag(field, WIRE.fixed64);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, true);
    this.#pieces.push(bytes);
  }

  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, WIRE.bytes);
    this.#pieces.push(varint(value.length), value);
  }

  text(field: number, value: string): void {
    this.bytes(field, Buffer.from(value, "utf8"));
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  #tag(field: number, wire: number): void {
    this.#pieces.push(varint(field * 8 + wire));
  }
}

/** Of a whole number from 0 to 2^53; divisions, because shifts end at 32 bits. */
function varint(value: number): Uint8Array {
  if (value < 0x80) return Uint8Array.of(value);
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
