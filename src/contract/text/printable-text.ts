/**
 * Control, format (bidi marks and zero-width characters among them), private and unassigned characters, lone
 * surrogates, and what breaks a line: none of them can be recognised by sight, and a terminal or a log may obey some.
 */
const invisible = /[\p{C}\p{Zl}\p{Zp}]/u;
const everyInvisible = new RegExp(invisible, "gu");

/** Whether there is any such character in the text. */
export function isInvisible(character: string): boolean {
  return invisible.test(character);
}

/** Text that may come from a client, for people and logs: what is invisible stands as `\xNN` or `\u{NNNN}`. */
export function printableText(text: string): string {
  return invisible.test(text) ? text.replace(everyInvisible, escape) : text;
}

function escape(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  return point < 0x100 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`;
}
