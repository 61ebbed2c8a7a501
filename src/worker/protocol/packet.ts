import type { TransferMode } from "../../contract/events/events.ts";
import { utf8Start } from "../../contract/text/utf8.ts";

/** RFC 1350 section 5; OACK is RFC 2347. */
export const Opcode = { readRequest: 1, writeRequest: 2, data: 3, ack: 4, error: 5, optionAck: 6 } as const;

/** Bytes before the payload of a DATA packet. */
export const DATA_HEADER = 4;

/** A request fits one small datagram: no boot client sends more, and nothing longer is parsed. */
export const MAX_REQUEST = 1_400;

/** Of our own ERRORs, in bytes: with the header and the NUL they fill 516. */
const LONGEST_ERROR_TEXT = 511;

/** Room for "netascii" and more. */
const MAX_MODE = 16;

/** Boot clients send seven at most; a request has room for hundreds, each of which would cost something. */
const MAX_OPTIONS = 32;

/** The opcode, or undefined if the datagram is too short to have one. */
export function opcodeOf(bytes: Uint8Array, length: number = bytes.length): number | undefined {
  return length < 2 ? undefined : uint16(bytes, 0);
}

/** A read or write request, as it was sent. */
export interface RequestPacket {
  /** A part of the datagram. */
  readonly file: Uint8Array;
  /** In lower case. */
  readonly mode: string;
  /** Names in lower case, in the order asked; of a name sent twice the first counts (RFC 2347: once at most). */
  readonly options: ReadonlyMap<string, string>;
}

//   2 bytes    string   1 byte   string  1 byte   string  1 byte   string  1 byte
//  +--------+----------+--------+-------+--------+-------+--------+-------+--------+
//  |  1, 2  | filename |   0    | mode  |   0    | opt1  |   0    | val1  |   0    | < ...
//  +--------+----------+--------+-------+--------+-------+--------+-------+--------+
/** Decodes a request (RFC 1350 section 5, RFC 2347); undefined if it is none. Odd trailing bytes do no harm. */
export function decodeRequest(bytes: Uint8Array): RequestPacket | undefined {
  if (bytes.length > MAX_REQUEST) return undefined;
  const fileEnd = bytes.indexOf(0, 2);
  if (fileEnd <= 2) return undefined;
  const modeEnd = bytes.indexOf(0, fileEnd + 1);
  if (modeEnd < 0) return undefined;
  return {
    file: bytes.subarray(2, fileEnd),
    // No mode is longer, and what is longer is not worth reading.
    mode: modeEnd - fileEnd > MAX_MODE ? "" : latin1(bytes, fileEnd + 1, modeEnd).toLowerCase(),
    options: decodeOptions(bytes, modeEnd + 1),
  };
}

function decodeOptions(bytes: Uint8Array, start: number): Map<string, string> {
  const options = new Map<string, string>();
  for (let at = start, count = 0; at < bytes.length && count < MAX_OPTIONS; count++) {
    const nameEnd = bytes.indexOf(0, at);
    const valueEnd = nameEnd < 0 ? -1 : bytes.indexOf(0, nameEnd + 1);
    // A name without a value, or padding: firmware sends both, and means no harm.
    if (valueEnd < 0) break;
    const name = latin1(bytes, at, nameEnd).toLowerCase();
    if (name !== "" && !options.has(name)) options.set(name, latin1(bytes, nameEnd + 1, valueEnd));
    at = valueEnd + 1;
  }
  return options;
}

/** The two modes that are served, of the three that RFC 1350 names. */
export function isServedMode(mode: string): mode is TransferMode {
  return mode === "octet" || mode === "netascii";
}

//   2 bytes     2 bytes      n bytes
//  +----------+-----------+----------+
//  |    3     |  Block #  |   Data   |
//  +----------+-----------+----------+
/** Writes the header of a DATA packet at `offset`. @param number From 0 to 65535: `numberOf` has it for a block. */
export function writeDataHeader(target: Uint8Array, offset: number, number: number): void {
  target[offset] = 0;
  target[offset + 1] = Opcode.data;
  target[offset + 2] = number >>> 8;
  target[offset + 3] = number & 0xff;
}

//   2 bytes     2 bytes
//  +----------+-----------+
//  |    4     |  Block #  |
//  +----------+-----------+
/** The block number of an ACK. Bytes behind it do no harm: WDS clients send one. */
export function decodeAck(bytes: Uint8Array, length: number): number | undefined {
  return length < 4 ? undefined : uint16(bytes, 2);
}

//   2 bytes     2 bytes    1 byte
//  +----------+-----------+--------+
//  |    4     |  Block #  |  Size  |
//  +----------+-----------+--------+
/**
 * How many blocks the client wants in its next window, if `msftwindow` was granted; undefined if the ACK does not say.
 * Wireshark's packet-tftp.c, from captures of Windows Deployment Services, has no 0, which would be no window.
 */
export function decodeNextWindow(bytes: Uint8Array, length: number): number | undefined {
  return (length > 4 && bytes[4]) || undefined;
}

//   2 bytes     2 bytes      string    1 byte
//  +----------+-----------+----------+--------+
//  |    5     | ErrorCode |  ErrMsg  |   0    |
//  +----------+-----------+----------+--------+
/** An ERROR; what would make it longer than a DATA packet of 512 bytes, for which every client has room, is cut off. */
export function encodeError(code: number, text: string): Uint8Array {
  const message = new TextEncoder().encode(utf8Start(text, LONGEST_ERROR_TEXT));
  const packet = new Uint8Array(message.length + 5);
  packet[1] = Opcode.error;
  packet[2] = code >>> 8;
  packet[3] = code & 0xff;
  packet.set(message, 4);
  return packet;
}

/** More than this of an ERROR's text is nothing that people would read, and kept for each transfer. */
const MAX_ERROR_TEXT = 128;

/** A client's ERROR; its terminating NUL, or even its code, may be missing. */
export function decodeError(bytes: Uint8Array, length: number): { code: number; text: string } {
  const nul = bytes.indexOf(0, 4);
  const end = Math.min(nul < 0 ? length : nul, length, 4 + MAX_ERROR_TEXT);
  return { code: length < 4 ? 0 : uint16(bytes, 2), text: latin1(bytes, 4, end).replace(/[^ -~]/g, "?") };
}

//   2 bytes    string   1 byte   string  1 byte
//  +--------+----------+--------+-------+--------+
//  |   6    |   opt1   |   0    | value1|   0    | < ...
//  +--------+----------+--------+-------+--------+
/** An OACK (RFC 2347): nothing stands behind the last NUL, since some clients refuse padding. */
export function encodeOptionAck(granted: Iterable<readonly [name: string, value: number]>): Uint8Array {
  let text = "";
  for (const [name, value] of granted) text += `${name}\0${value}\0`;
  const packet = new Uint8Array(2 + text.length);
  packet[1] = Opcode.optionAck;
  // ASCII, all of it.
  for (let at = 0; at < text.length; at++) packet[2 + at] = text.charCodeAt(at);
  return packet;
}

function uint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at] ?? 0);
  return text;
}
