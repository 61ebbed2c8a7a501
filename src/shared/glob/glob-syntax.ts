/** A part of a glob. Characters are code points; none but `/` itself and those that say so match a `/`. */
export type GlobElement =
  | { readonly kind: "character"; readonly point: number }
  | { readonly kind: "class"; readonly isNegated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  /** `*`: any characters, or none. */
  | { readonly kind: "star" }
  /** `**` with a `/` behind it: any directories, or none. */
  | { readonly kind: "directories" }
  /** `**` behind a `/` at the end: that directory itself, and everything below. */
  | { readonly kind: "below" }
  /** `**` alone. */
  | { readonly kind: "everything" }
  /** `{a,b}` */
  | { readonly kind: "choice"; readonly of: readonly (readonly GlobElement[])[] };

/** The longest glob that is taken, in characters. */
export const MAX_GLOB = 4_096;

/** The most values that `{1..n}` may stand for. */
const MAX_RANGE = 1_000;

const anyCharacter: GlobElement = { kind: "class", isNegated: true, ranges: [] };

/**
 * Parses `*`, `**`, `?`, `[a-z]`, `[!a-z]`, `{a,b}`, `{1..9}` and `\` before a character that stands for itself.
 * @throws {SyntaxError} for what other matchers know besides: negation and extended globs.
 */
export function parseGlob(glob: string): readonly GlobElement[] {
  if (glob.startsWith("!")) throw new SyntaxError("a glob cannot be negated by a ! in front: use a RegExp");
  if (/(?<!\\)[@?*+!]\(/.test(glob)) throw new SyntaxError("extended globs such as !(a|b) are not known: use a RegExp");
  return parseSequence(Array.from(glob), true);
}

function parseSequence(characters: readonly string[], isPartStart: boolean): GlobElement[] {
  const elements: GlobElement[] = [];
  for (let at = 0; at < characters.length;) {
    const rest = characters.slice(at);
    const startsPart = at === 0 ? isPartStart : characters[at - 1] === "/";
    at += parseElement(rest, startsPart, elements);
  }
  return elements;
}

/** Adds what is at the start of `rest`; returns how many characters that took. */
function parseElement(rest: readonly string[], startsPart: boolean, elements: GlobElement[]): number {
  const [first = "", second] = rest;
  if (first === "\\" && second !== undefined) return push(elements, literal(second), 2);
  if (first === "?") return push(elements, anyCharacter, 1);
  if (first === "*") return parseStars(rest, startsPart, elements);
  const special = first === "[" ? parseClass(rest) : first === "{" ? parseBraces(rest, startsPart) : undefined;
  return special ? push(elements, special.element, special.length) : push(elements, literal(first), 1);
}

function parseStars(rest: readonly string[], startsPart: boolean, elements: GlobElement[]): number {
  const other = rest.findIndex((character) => character !== "*");
  const count = other < 0 ? rest.length : other;
  const isWholePart = count > 1 && startsPart && (other < 0 || rest[other] === "/");
  if (!isWholePart) return push(elements, { kind: "star" }, count);
  // Several in a row mean no more than one.
  while (elements.at(-1)?.kind === "directories") elements.pop();
  if (other >= 0) return push(elements, { kind: "directories" }, count + 1);
  // The `/` before it belongs to it: without that, there is nothing below.
  if (elements.pop() === undefined) return push(elements, { kind: "everything" }, count);
  return push(elements, { kind: "below" }, count);
}

interface Parsed {
  readonly element: GlobElement;
  readonly length: number;
}

/** `[...]`; undefined if it has no end, and is a character as any other. */
function parseClass(rest: readonly string[]): Parsed | undefined {
  const isNegated = rest[1] === "!" || rest[1] === "^";
  const start = isNegated ? 2 : 1;
  const end = rest.indexOf("]", start + 1);
  if (end < 0) return undefined;
  const ranges: [number, number][] = [];
  for (let at = start; at < end; at++) {
    if (rest[at] === "\\" && at + 1 < end) at++;
    const low = pointOf(rest[at]);
    const isRange = rest[at + 1] === "-" && at + 2 < end;
    ranges.push([low, isRange ? pointOf(rest[at + 2]) : low]);
    if (isRange) at += 2;
  }
  return { element: { kind: "class", isNegated, ranges }, length: end + 1 };
}

/** `{a,b}` or `{1..9}`; undefined if it is neither, and the brace a character as any other. */
function parseBraces(rest: readonly string[], startsPart: boolean): Parsed | undefined {
  const commas: number[] = [];
  let depth = 0;
  for (let at = 0; at < rest.length; at++) {
    if (rest[at] === "\\") at++;
    else if (rest[at] === "{") depth++;
    else if (rest[at] === "," && depth === 1) commas.push(at);
    else if (rest[at] === "}" && --depth === 0) return choiceOf(rest, [0, ...commas, at], startsPart);
  }
  return undefined;
}

function choiceOf(rest: readonly string[], borders: readonly number[], startsPart: boolean): Parsed | undefined {
  const inner = borders.slice(1).map((border, index) => rest.slice(borders[index]! + 1, border));
  const words = inner.length === 1 ? rangeOf(inner[0]!.join(""))?.map((word) => Array.from(word)) : inner;
  const of = words?.map((word) => parseSequence(word, startsPart));
  return of && { element: { kind: "choice", of }, length: borders.at(-1)! + 1 };
}

function rangeOf(text: string): string[] | undefined {
  const [, from = "", to = ""] = /^(\d{1,9}|[a-z])\.\.(\d{1,9}|[a-z])$/i.exec(text) ?? [];
  const isNumeric = /^\d+$/.test(from);
  if (from === "" || isNumeric !== /^\d+$/.test(to)) return undefined;
  const [low, high] = (isNumeric ? [Number(from), Number(to)] : [pointOf(from), pointOf(to)]).toSorted((a, b) => a - b);
  const count = high! - low! + 1;
  if (count > MAX_RANGE) throw new SyntaxError(`{${text}} stands for more than ${MAX_RANGE} values`);
  const width = /^0\d/.test(from) || /^0\d/.test(to) ? Math.max(from.length, to.length) : 0;
  return Array.from({ length: count }, (_, index) =>
    isNumeric ? String(low! + index).padStart(width, "0") : String.fromCodePoint(low! + index),
  );
}

function literal(character: string): GlobElement {
  return { kind: "character", point: pointOf(character) };
}

function pointOf(character: string | undefined): number {
  return character?.codePointAt(0) ?? 0;
}

function push(elements: GlobElement[], element: GlobElement, length: number): number {
  elements.push(element);
  return length;
}
