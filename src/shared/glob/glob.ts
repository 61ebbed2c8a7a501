import { Automaton, AutomatonBuilder, FINAL } from "./glob-automaton.ts";
import { GlobCaptures } from "./glob-captures.ts";
import { type GlobElement, MAX_GLOB, parseGlob } from "./glob-syntax.ts";

/** A file system's limit for a part of a path, in bytes: a longer one is the name of nothing. */
export const MAX_PART = 255;

const SLASH = 0x2f;

/**
 * Compiles a glob into a matcher whose time grows with the length of the name only, whatever the glob. A `/` or `./` in
 * front of the glob is passed over, as names begin at the root.
 * @throws {SyntaxError} if it is none, or too long.
 */
export function compileGlob(glob: string): (name: string) => boolean {
  const relative = relativeGlob(glob);
  if (isLiteral(relative)) return (name) => name === relative;
  const builder = new AutomatonBuilder();
  const elements = parseGlob(relative);
  const start = compileSequence(elements, FINAL, builder);
  const automaton = new Automaton(builder, start);
  const { prefix, longest } = literalsOf(elements);
  return (name) => name.startsWith(prefix) && name.includes(longest) && automaton.matches(name);
}

/** A glob that also says what its wildcards stand for in a name. */
export interface CapturingGlob {
  /** How many wildcards it has. */
  readonly count: number;
  /** What each wildcard stands for, the first one first; undefined if the name does not match. */
  captures(name: string): readonly string[] | undefined;
}

/**
 * Compiles a glob whose wildcards are captures: each `*`, `**`, `?`, `[…]` and `{…}` that is not within another one. A
 * wildcard takes as much as it can, the first one before the others; `**` as a directory leaves the `/` next to it out.
 * The time grows with the length of the name only.
 * @param ignoresCase Whether A to Z match a to z.
 * @throws {SyntaxError} as `compileGlob`.
 */
export function compileCapturing(glob: string, ignoresCase = false): CapturingGlob {
  const fold = ignoresCase ? foldCase : (text: string): string => text;
  const elements = parseGlob(relativeGlob(fold(glob)));
  const matches = compileGlob(fold(glob));
  const count = elements.filter(isWildcard).length;
  if (count === 0) return { count, captures: (name) => (matches(fold(name)) ? [] : undefined) };
  const builder = new AutomatonBuilder();
  let number = 2 * count;
  const start = elements.reduceRight((behind, element) => {
    if (!isWildcard(element)) return compileElement(element, behind, builder);
    const end = builder.mark(--number, behind);
    return builder.mark(--number, compileElement(element, end, builder));
  }, FINAL);
  const captures = new GlobCaptures(builder, start, count);
  return {
    count,
    captures: (name) => {
      const folded = fold(name);
      return matches(folded) ? captures.of(folded, name)?.map((text) => text.replace(/^\/|\/$/g, "")) : undefined;
    },
  };
}

/** The text that was folded last: one name meets many globs. */
let last = { text: "", folded: "" };

/** A to Z as a to z: the length stays the same. */
export function foldCase(text: string): string {
  if (text !== last.text) last = { text, folded: text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) };
  return last.folded;
}

/** What each name that matches begins with, and the longest text that it has somewhere: most names have neither. */
function literalsOf(elements: readonly GlobElement[]): { prefix: string; longest: string } {
  const runs = [""];
  for (const element of elements) {
    // A lone surrogate is no character of a name that is looked for as text.
    const isPlain = element.kind === "character" && (element.point < 0xd800 || element.point > 0xdfff);
    if (isPlain) runs[runs.length - 1] += String.fromCodePoint(element.point);
    else runs.push("");
  }
  const longest = runs.reduce((one, other) => (other.length > one.length ? other : one));
  return { prefix: runs[0]!, longest };
}

function isWildcard({ kind }: GlobElement): boolean {
  return kind !== "character";
}

/**
 * The only name that the glob matches, if none of its characters has a meaning of its own; otherwise undefined.
 * @throws {SyntaxError} if it is no glob, or too long.
 */
export function literalName(glob: string): string | undefined {
  const relative = relativeGlob(glob);
  return isLiteral(relative) ? relative : undefined;
}

function relativeGlob(glob: string): string {
  const relative = glob.replace(/^(?:\.?\/)+/, "");
  if (relative === "" || relative.length > MAX_GLOB) throw new SyntaxError(`a glob has 1 to ${MAX_GLOB} characters`);
  return relative;
}

/** A lone surrogate is left to the automaton, too. */
function isLiteral(relative: string): boolean {
  return /^[^\\*?[\]{}!@+()\ud800-\udfff]+$/.test(relative);
}

/** Whether every part of the name is short enough to be one; `\xNN` stands for one byte in it. */
export function hasPossibleParts(name: string): boolean {
  if (name.length <= MAX_PART / 4) return true;
  return name.split("/").every((part) => {
    if (part.length <= MAX_PART / 4) return true;
    return Buffer.byteLength(part.replace(/\\x[0-9a-f]{2}/g, "?")) <= MAX_PART;
  });
}

/** Compiles from the end to the start, so that each element knows what comes behind it. Returns the first state. */
function compileSequence(elements: readonly GlobElement[], next: number, builder: AutomatonBuilder): number {
  return elements.reduceRight((behind, element) => compileElement(element, behind, builder), next);
}

function compileElement(element: GlobElement, next: number, builder: AutomatonBuilder): number {
  switch (element.kind) {
    case "character":
      return builder.character(element.point, next);
    case "class":
      return builder.class(element, next);
    case "star":
      return builder.loop((start) => builder.notSlash(start), next);
    case "everything":
      return builder.loop((start) => builder.any(start), next);
    case "below":
      return builder.choice(
        next,
        builder.character(
          SLASH,
          builder.loop((start) => builder.any(start), next),
        ),
      );
    case "directories":
      return builder.loop((start) => {
        const slash = builder.character(SLASH, start);
        return builder.notSlash(builder.loop((more) => builder.notSlash(more), slash));
      }, next);
    default:
      return element.of
        .map((sequence) => compileSequence(sequence, next, builder))
        .reduceRight((others, start) => builder.choice(others, start));
  }
}
