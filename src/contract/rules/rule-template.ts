/** A part of a template: text as it stands, or what takes the place of a word in braces. */
export type TemplatePart =
  | { readonly text: string }
  | { readonly value: "client" | "mac" | "name" }
  /** From 1. */
  | { readonly capture: number };

/** The most captures that a template can name. */
const MAX_CAPTURE = 99;

/**
 * Parses the template of a name or a directory, such as `boards/{client}/{1}`; a string says what is wrong with it.
 * @param allowed The words that may stand in braces.
 * @param captures How many captures there are.
 */
export function parseTemplate(
  template: string,
  allowed: readonly ("client" | "mac" | "name")[],
  captures: number = MAX_CAPTURE,
): readonly TemplatePart[] | string {
  const parts: TemplatePart[] = [];
  for (const piece of template.match(/\{[^{}]*\}|[^{}]+|[{}]/g) ?? []) {
    const word = piece.slice(1, -1);
    const value = allowed.find((each) => each === word);
    const number = /^[1-9]\d?$/.test(word) ? Number(word) : Infinity;
    if (!/[{}]/.test(piece)) parts.push({ text: piece });
    else if (value !== undefined) parts.push({ value });
    else if (number <= captures) parts.push({ capture: number });
    else return `expected ${describe(allowed, captures)} in braces, got ${JSON.stringify(piece)}`;
  }
  return parts;
}

function describe(allowed: readonly string[], captures: number): string {
  const words = allowed.map((word) => `{${word}}`);
  if (captures === 1) words.push("{1}");
  if (captures > 1) words.push(captures === MAX_CAPTURE ? "{1}, {2}, …" : `{1} to {${captures}}`);
  return words.join(" or ");
}
