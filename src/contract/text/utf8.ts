/** The longest start of the text that has at most `maxBytes` bytes in UTF-8, without a part of a character. */
export function utf8Start(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}
