/** Fatal, so that wrong sequences show; a byte order mark is no decoration here but an invisible character. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Control, format (bidi and zero-width among them), unassigned, and the characters that break a line. */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;

/**
 * Bytes from the network as text for people and logs: printable UTF-8 as it is, every other byte as `\xNN`.
 * Not meant to be read back: a backslash stays a backslash.
 */
export function printable(bytes: Uint8Array): string {
  if (bytes.every((byte) => byte >= 0x20 && byte < 0x7f)) return utf8.decode(bytes);
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const sequence = bytes.subarray(at, at + sequenceLength(bytes[at]!));
    const character = decode(sequence);
    if (character === undefined) {
      // One byte, not the whole sequence: the next byte may well begin a good one.
      text += escape(bytes[at]!);
      at += 1;
    } else {
      text += invisible.test(character) ? Array.from(sequence, escape).join("") : character;
      at += sequence.length;
    }
  }
  return text;
}

/** The same for text that has one character for each byte, as options are read. */
export function printableLatin1(text: string): string {
  return /^[ -~]*$/.test(text) ? text : printable(Buffer.from(text, "latin1"));
}

/** How many bytes a UTF-8 sequence with this lead byte has (RFC 3629 section 3). */
function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

function decode(sequence: Uint8Array): string | undefined {
  try {
    return utf8.decode(sequence);
  } catch {
    return undefined;
  }
}

function escape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, "0")}`;
}
