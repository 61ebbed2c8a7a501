const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Characters that take no column: accents that combine with a letter, and invisible ones. */
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/**
 * Characters that take two columns: Wide and Fullwidth (Unicode Standard Annex 11), and emoji. Whole blocks, which
 * saves a table: unassigned characters were escaped before.
 */
const wide = new RegExp(
  [
    String.raw`[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff]`,
    String.raw`[\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{20000}-\u{3fffd}]`,
    String.raw`(?!\p{Regional_Indicator})\p{Emoji_Presentation}`,
  ].join("|"),
  "u",
);

/** The width of the text on a terminal, in columns. */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

/** The text in exactly `width` columns: padded with spaces, or cut at its end. */
export function fit(text: string, width: number, ellipsis: string): string {
  return pad(cut(text, width, ellipsis), width);
}

/** As `fit`, but cut at its start: the end of a path says more. */
export function fitEnd(text: string, width: number, ellipsis: string): string {
  return pad(cutStart(text, width, ellipsis), width);
}

/** The text in at most `width` columns, cut at its end. */
export function cut(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  return take(graphemes(text), width - ellipsis.length).join("") + (width < ellipsis.length ? "" : ellipsis);
}

/** The text in at most `width` columns, cut at its start. */
export function cutStart(text: string, width: number, ellipsis: string): string {
  if (textWidth(text) <= width) return text;
  const end = take(graphemes(text).toReversed(), width - ellipsis.length).toReversed();
  return (width < ellipsis.length ? "" : ellipsis) + end.join("");
}

/** The first graphemes, as many as fit into `width` columns. */
function take(all: readonly string[], width: number): string[] {
  let left = width;
  const end = all.findIndex((grapheme) => (left -= graphemeWidth(grapheme)) < 0);
  return all.slice(0, end === -1 ? all.length : end);
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(width - textWidth(text), 0));
}

/** Splits into what a reader sees as characters: a letter and its accents stay together. */
function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function graphemeWidth(grapheme: string): number {
  if (isPlain(grapheme)) return 1;
  if (wide.test(grapheme)) return 2;
  return invisible.test(grapheme) ? 0 : 1;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
