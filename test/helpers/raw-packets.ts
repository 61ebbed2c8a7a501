/** The bytes of TFTP packets (RFC 1350 section 5, RFC 2347), built and read independently of the server's own codec. */

export const opcode = { rrq: 1, wrq: 2, data: 3, ack: 4, error: 5, oack: 6 } as const;

export interface RequestShape {
  readonly opcode?: number;
  /** As sent; "octet" where it is left out. */
  readonly mode?: string;
  /** Names and values in the order in which they go out. */
  readonly options?: readonly (readonly [name: string, value: string])[];
  /** Bytes behind the last NUL. */
  readonly trailing?: string | Buffer;
}

/** A read request, unless `shape` says otherwise. */
export function request(file: string | Buffer, shape: RequestShape = {}): Buffer {
  const { mode = "octet", options = [], trailing = "" } = shape;
  const nul = Buffer.alloc(1);
  return Buffer.concat([
    uint16(shape.opcode ?? opcode.rrq),
    Buffer.from(file as string),
    nul,
    ...[mode, ...options.flat()].flatMap((text) => [Buffer.from(text, "latin1"), nul]),
    Buffer.from(trailing as string),
  ]);
}

export function ack(block: number): Buffer {
  return Buffer.concat([uint16(opcode.ack), uint16(block % 65_536)]);
}

export function data(block: number, payload: string | Buffer = ""): Buffer {
  return Buffer.concat([uint16(opcode.data), uint16(block % 65_536), Buffer.from(payload as string)]);
}

export function error(code: number, text = ""): Buffer {
  return Buffer.concat([uint16(opcode.error), uint16(code), Buffer.from(`${text}\0`)]);
}

export function oack(...options: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat([uint16(opcode.oack), Buffer.from(options.map((pair) => `${pair.join("\0")}\0`).join(""))]);
}

export type Packet =
  | { readonly kind: "data"; readonly block: number; readonly payload: Buffer }
  | { readonly kind: "error"; readonly code: number; readonly text: string; readonly terminated: boolean }
  | { readonly kind: "oack"; readonly options: Readonly<Record<string, string>> }
  | { readonly kind: "other"; readonly bytes: Buffer };

export function decode(bytes: Buffer): Packet {
  if (bytes.length < 4) return { kind: "other", bytes };
  const second = bytes.readUInt16BE(2);
  switch (bytes.readUInt16BE(0)) {
    case opcode.data:
      return { kind: "data", block: second, payload: bytes.subarray(4) };
    case opcode.error: {
      const end = bytes.indexOf(0, 4);
      const text = bytes.subarray(4, end === -1 ? bytes.length : end).toString("utf8");
      return { kind: "error", code: second, text, terminated: end === bytes.length - 1 };
    }
    case opcode.oack: {
      const words = bytes.subarray(2, -1).toString("latin1").split("\0");
      const pairs = words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? ""] as const] : []));
      return { kind: "oack", options: Object.fromEntries(pairs) };
    }
    default:
      return { kind: "other", bytes };
  }
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}
