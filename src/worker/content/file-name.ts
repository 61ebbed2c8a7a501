import { isTemporaryName } from "../../contract/temporary-name.ts";
import { Refused, type FileName } from "./content.ts";
import { printable } from "../../shared/printable.ts";

const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/**
 * Parts a requested name. A leading `/` means the root, as TFTP knows no working directory; `//` and `/./` collapse.
 * The result holds copies: `bytes` may be reused afterwards.
 * @throws {Refused} "outside-root" for a `..` between any separators, "not-a-file" for the root itself,
 *   "bad-request" for a NUL, which no file system takes, "not-found" for a temporary name of storage's.
 */
export function parseFileName(bytes: Uint8Array): FileName {
  if (bytes.includes(0)) throw new Refused("bad-request");
  const name = new Uint8Array(bytes);
  const parts = split(name, false);
  const alternative = name.includes(BACKSLASH) ? split(name, true) : parts;
  // Whatever stands between slashes alone stands between both separators, too.
  if (alternative.some((part) => isDots(part, 2))) throw new Refused("outside-root");
  if (parts.length === 0) throw new Refused("not-a-file");
  const described = describe(parts);
  if (alternative === parts) return described;
  const read = describe(alternative);
  return alternative.length === 0 ? described : { ...described, alternative: read };
}

/** @throws {Refused} "not-found" for what storage is still writing: it is not there yet. */
function describe(parts: readonly Uint8Array[]): FileName {
  const texts = parts.map(printable);
  if (texts.some(isTemporaryName)) throw new Refused("not-found");
  return { parts, text: texts.join("/") };
}

function split(name: Uint8Array, backslashes: boolean): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at <= name.length; at += 1) {
    const byte = name[at];
    if (byte !== undefined && byte !== SLASH && !(backslashes && byte === BACKSLASH)) continue;
    const part = name.subarray(start, at);
    if (part.length > 0 && !isDots(part, 1)) parts.push(part);
    start = at + 1;
  }
  return parts;
}

function isDots(part: Uint8Array, count: 1 | 2): boolean {
  return part.length === count && part.every((byte) => byte === DOT);
}
