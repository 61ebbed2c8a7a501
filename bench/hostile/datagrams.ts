/** The longest request that is parsed. */
const LONGEST = 1_400;

/** What an attacker may send, by what it is meant to cost. Each is made anew, so that none is a repeat of another. */
export const hostileDatagrams: Readonly<Record<string, (number: number) => Buffer>> = {
  "plain missing file": (number) => named(`missing-${number}`),
  "not UTF-8": (number) => named(filled(0xff), number),
  "not UTF-8, every other byte": (number) => named(filled(0x41, 0xff), number),
  "UTF-8 cut short": (number) => named(filled(0xf0, 0x9f, 0x98), number),
  "bidi marks": (number) => named(filled(0xe2, 0x80, 0xae), number),
  "tag characters": (number) => named(filled(0xf3, 0xa0, 0x81, 0x81), number),
  ideographs: (number) => named(Buffer.alloc(LONGEST, "漢"), number),
  backslashes: (number) => named(filled(0x5c, 0x61), number),
  slashes: (number) => named(filled(0x2f, 0x61), number),
  dots: (number) => named(filled(0x2e, 0x2f), number),
  "dashes against globs": (number) => named(Buffer.from(`pxelinux.cfg/01-${"-".repeat(220)}/${number}`)),
  "a part of 1,380 bytes": (number) => named(filled(0x61), number),
  netascii: (number) => Buffer.concat([named(filled(0x0a), number, "netascii")]),
  "an unknown mode of 1,380 bytes": (number) => named("a", number, "x".repeat(1_370)),
  "460 options": (number) => Buffer.concat([named("a", number), ...options((at) => `${at.toString(36)}\0\0`)]),
  "one option name, 340 times": (number) => Buffer.concat([named("a", number), ...options(() => "a\0b\0")]),
  "a blksize of 1,370 digits": (number) => named("a", number, `octet\0blksize\0${"9".repeat(1_350)}`),
  "a write request": (number) => Buffer.concat([Buffer.of(0, 2), named(filled(0xff), number).subarray(2)]),
  "no terminating NUL": () => Buffer.concat([Buffer.of(0, 1), filled(0x61)]).subarray(0, LONGEST),
  "an ACK": () => Buffer.of(0, 4, 0, 1),
  "60,000 bytes": () => Buffer.concat([Buffer.of(0, 1), Buffer.alloc(60_000, 0xff)]),
};

function filled(...pattern: readonly number[]): Buffer {
  return Buffer.alloc(LONGEST, Buffer.from(pattern));
}

/** A read request of at most the longest size, with a number in it that makes it differ from all others. */
function named(name: string | Buffer, number?: number, mode = "octet"): Buffer {
  const tail = Buffer.from(`\0${mode}\0`);
  const mark = number === undefined ? "" : String(number);
  const room = LONGEST - 2 - mark.length - tail.length;
  return Buffer.concat([Buffer.of(0, 1), Buffer.from(mark), Buffer.from(name).subarray(0, room), tail]);
}

function options(one: (at: number) => string): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0, room = LONGEST - 20; room > 4; at++) {
    const part = Buffer.from(one(at));
    parts.push(part);
    room -= part.length;
  }
  return parts;
}
