import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The width of the text on a terminal, in columns. */
export function textWidth(text: string): number {
  // A name or a number, mostly: the table of Unicode says nothing new about it.
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
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
  const end = all.findIndex((grapheme) => (left -= textWidth(grapheme)) < 0);
  return all.slice(0, end === -1 ? all.length : end);
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(width - textWidth(text), 0));
}

/** Splits into what a reader sees as characters: a letter and its accents stay together. */
function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
