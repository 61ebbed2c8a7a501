import { isTemporaryName } from "../../contract/text/temporary-name.ts";
import { printable } from "../../shared/printable.ts";
import { Refused, type FileName } from "./content.ts";

const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** Longer than the beginning that temporary names have in common. */
const TEMPORARY_PREFIX = 32;

/**
 * Parts a requested name. A leading `/` means the root, as TFTP knows no working directory; `//` and `/./` collapse.
 * The result holds a copy: `bytes` may be reused afterwards. Takes one pass over the name, or two with a backslash.
 * @throws {Refused} "outside-root" for a `..` between any separators, "not-a-file" for the root itself, "bad-request"
 *   for a NUL, which no file system takes, "not-found" for a temporary name of storage's.
 */
export function parseFileName(bytes: Uint8Array): FileName {
  if (bytes.includes(0)) throw new Refused("bad-request");
  const literal = normalize(bytes, false);
  const alternative = bytes.includes(BACKSLASH) ? normalize(bytes, true) : undefined;
  // What stands between slashes alone stands between both separators, too.
  if ((alternative ?? literal).leadsUp) throw new Refused("outside-root");
  if (literal.path.length === 0) throw new Refused("not-a-file");
  // It is not there yet: storage is still writing it.
  if (literal.isTemporary || alternative?.isTemporary) throw new Refused("not-found");
  const asked = bytes.slice();
  if (!alternative?.path.length) return new ParsedName(literal, asked);
  return new ParsedName(literal, asked, new ParsedName(alternative, asked.map(toSlash)));
}

class ParsedName implements FileName {
  readonly path: Uint8Array;
  readonly asked: Uint8Array;
  readonly longestPart: number;
  readonly alternative?: FileName;
  #text: string | undefined;

  constructor({ path, longestPart }: NormalizedName, asked: Uint8Array, alternative?: FileName) {
    this.path = path;
    this.asked = asked;
    this.longestPart = longestPart;
    if (alternative) this.alternative = alternative;
  }

  get text(): string {
    return (this.#text ??= printable(this.path));
  }

  get parts(): readonly Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let start = 0; start < this.path.length;) {
      const slash = this.path.indexOf(SLASH, start);
      const end = slash < 0 ? this.path.length : slash;
      parts.push(this.path.subarray(start, end));
      start = end + 1;
    }
    return parts;
  }
}

function toSlash(byte: number): number {
  return byte === BACKSLASH ? SLASH : byte;
}

interface NormalizedName {
  /** Parts with one `/` between them. */
  readonly path: Uint8Array;
  readonly longestPart: number;
  /** Some part is `..`. */
  readonly leadsUp: boolean;
  readonly isTemporary: boolean;
}

function normalize(name: Uint8Array, backslashes: boolean): NormalizedName {
  const target = new Uint8Array(name.length + 1);
  let start = 0;
  let end = 0;
  let longestPart = 0;
  let leadsUp = false;
  let isTemporary = false;
  for (let at = 0; at <= name.length; at++) {
    const byte = at < name.length ? name[at]! : SLASH;
    if (byte !== SLASH && !(backslashes && byte === BACKSLASH)) {
      target[end++] = byte;
      continue;
    }
    const length = end - start;
    const isHidden = target[start] === DOT;
    if (length === 0 || (length === 1 && isHidden)) end = start;
    else {
      if (length > longestPart) longestPart = length;
      leadsUp ||= length === 2 && isHidden && target[start + 1] === DOT;
      isTemporary ||= isHidden && isTemporaryName(beginningOf(target, start, end));
      target[end++] = SLASH;
    }
    start = end;
  }
  return { path: target.subarray(0, Math.max(0, end - 1)), longestPart, leadsUp, isTemporary };
}

function beginningOf(bytes: Uint8Array, start: number, end: number): string {
  const beginning = bytes.subarray(start, Math.min(end, start + TEMPORARY_PREFIX));
  return beginning.length < TEMPORARY_PREFIX / 2 ? "" : String.fromCharCode(...beginning);
}
