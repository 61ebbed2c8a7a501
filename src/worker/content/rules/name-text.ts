import { isUtf8 } from "node:buffer";

/** Text with one character for each code point, and how text made of it becomes bytes again. */
export interface DecodedName {
  readonly text: string;
  readonly encode: (text: string) => Uint8Array;
}

/** A name as text that can be turned back: UTF-8 if it is that, else a character for each byte. */
export function decodeName(name: Uint8Array): DecodedName {
  const encoding = isUtf8(name) ? "utf8" : "latin1";
  return { text: Buffer.from(name).toString(encoding), encode: (text) => Buffer.from(text, encoding) };
}

/**
 * The bytes of text that was taken from a printable name. In a name that had bytes to escape, `\xNN` stands for one; in
 * one that had none, a backslash is a backslash.
 */
export function encodePrintable(text: string, name: { readonly text: string; readonly path: Uint8Array }): Uint8Array {
  if (!text.includes("\\x") || Buffer.from(name.text).equals(name.path)) return Buffer.from(text);
  const pieces = text.split(/(\\x[0-9a-f]{2})/);
  return Buffer.concat(
    pieces.map((piece, index) =>
      index % 2 === 1 ? Buffer.of(Number.parseInt(piece.slice(2), 16)) : Buffer.from(piece),
    ),
  );
}
