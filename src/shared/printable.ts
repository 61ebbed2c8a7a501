import { isInvisible } from "../contract/text/printable-text.ts";

/** The most bytes of input that the buffer has room for: each may become an escape of four characters of two bytes. */
const PIECE = 512;
const scratch = Buffer.alloc((PIECE + 4) * 8);

const HEX = Buffer.from("0123456789abcdef");

/** What is known of the characters below 0x10000, filled as they come: a regular expression takes 100 ns for each. */
const known = new Uint8Array(0x10000);
const VISIBLE = 1;
const INVISIBLE = 2;

/**
 * Bytes from the network as text for people and logs: printable UTF-8 as it is, every other byte as `\xNN`. Not meant
 * to be read back: a backslash stays a backslash. Any client can send the bytes, so that the worst of them must cost
 * little more than the best: one pass, no exceptions.
 */
export function printable(bytes: Uint8Array): string {
  let text = "";
  let filled = 0;
  for (let at = 0; at < bytes.length;) {
    if (filled >= PIECE * 8) {
      text += scratch.toString("utf16le", 0, filled);
      filled = 0;
    }
    const length = sequenceLength(bytes, at);
    const point = length === 0 ? 0 : codePoint(bytes, at, length);
    if (length > 0 && isVisible(point)) filled = putCharacter(point, filled);
    // One byte of a wrong sequence, not all of it: the next byte may well begin a good one.
    else for (let byte = 0; byte < Math.max(length, 1); byte++) filled = putEscape(bytes[at + byte]!, filled);
    at += Math.max(length, 1);
  }
  return text + scratch.toString("utf16le", 0, filled);
}

/** The same for text that has one character for each byte, as options are read. */
export function printableLatin1(text: string): string {
  return /^[ -~]*$/.test(text) ? text : printable(Buffer.from(text, "latin1"));
}

/** How many bytes the UTF-8 sequence there has (RFC 3629 section 4); 0 for none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const second = bytes[at + 1] ?? 0;
  if (lead < 0xc2 || lead > 0xf4 || !isTail(second)) return 0;
  if (lead < 0xe0) return 2;
  // Overlong forms, surrogates, and what is beyond Unicode.
  if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return 0;
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  if (!isTail(bytes[at + 2] ?? 0)) return 0;
  if (lead < 0xf0) return 3;
  return isTail(bytes[at + 3] ?? 0) ? 4 : 0;
}

function isTail(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  const lead = bytes[at]!;
  if (length === 1) return lead;
  let point = lead & (0xff >> (length + 1));
  for (let byte = 1; byte < length; byte++) point = (point << 6) | (bytes[at + byte]! & 0x3f);
  return point;
}

function isVisible(point: number): boolean {
  if (point < 0x7f) return point >= 0x20;
  if (point >= known.length) return !isInvisible(String.fromCodePoint(point));
  known[point] ||= isInvisible(String.fromCodePoint(point)) ? INVISIBLE : VISIBLE;
  return known[point] === VISIBLE;
}

function putCharacter(point: number, at: number): number {
  if (point < 0x10000) return putUnit(point, at);
  const beyond = point - 0x10000;
  return putUnit(0xdc00 | (beyond & 0x3ff), putUnit(0xd800 | (beyond >> 10), at));
}

function putEscape(byte: number, at: number): number {
  const prefix = putUnit(0x78, putUnit(0x5c, at));
  return putUnit(HEX[byte & 0xf]!, putUnit(HEX[byte >> 4]!, prefix));
}

function putUnit(unit: number, at: number): number {
  scratch[at] = unit & 0xff;
  scratch[at + 1] = unit >> 8;
  return at + 2;
}
