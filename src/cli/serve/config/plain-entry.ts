export type FileEntry = readonly [name: string, text: string];

/** Printable, no white space but the space, and nothing that any parser takes for an end of line. */
const LETTER = String.raw`[!-~\u00a1-\u1fff\u2030-\ud7ff\ue000-\ufefe]`;
/** A name that means itself in YAML: it is no number. Or one in quotes. */
const NAME = String.raw`(?:((?:[A-Za-z]|\d[\w.-]*/)[\w./*?@=~-]{0,500})|"([\w./*? -]{1,500})"|'([\w./*? -]{1,500})')`;
/** Nothing in it differs from JSON. */
const QUOTED = String.raw`("(?:(?!["\\])(?: |${LETTER})|\\(?:[bfnrt"\\/]|u[\da-fA-F]{4}))*")`;
const SINGLE_QUOTED = String.raw`'((?:''|(?!')(?: |${LETTER}))*)'`;
/** A colon in front of a space, or a space in front of a number sign, would end it. */
const PLAIN = String.raw`([A-Za-z/](?: (?!#)|(?!:)${LETTER}|:(?! |$))*)`;
const BLOCK = "([|>])(-?)";
const ENTRY = new RegExp(`^ {2}${NAME}: (?:${QUOTED}|${SINGLE_QUOTED}|${PLAIN}|${BLOCK})$`);
const TEXT = new RegExp(`^${LETTER}(?:[ \\t]|${LETTER})*$`);
/** The words that stand for something else. */
const SPECIAL = /^(?:null|true|false)$/i;
const INDENTATION = /^ */;

/** Reads an entry whose text begins behind its name, and goes on, in a block, in the lines from `begin` to `end`. */
export function readPlainEntry(
  head: string,
  lines: readonly string[],
  begin: number,
  end: number,
): FileEntry | undefined {
  const match = ENTRY.exec(head);
  if (!match) return undefined;
  const [, plainName, quotedName, singleName, quoted, single, plain, style, chomp] = match;
  const name = plainName ?? quotedName ?? singleName ?? "";
  if (plainName !== undefined && SPECIAL.test(plainName)) return undefined;
  if (style !== undefined) {
    const text = readBlock(lines, begin, end, style === ">");
    return text === undefined ? undefined : [name, chomp === "-" ? text : `${text}\n`];
  }
  for (let at = begin; at < end; at++) if (lines[at] !== "") return undefined;
  if (quoted !== undefined) return [name, JSON.parse(quoted) as string];
  if (single !== undefined) return [name, single.replaceAll("''", "'")];
  if (plain === undefined || plain.endsWith(" ") || SPECIAL.test(plain)) return undefined;
  return [name, plain];
}

/** The lines of a block without their indentation; undefined if any of them is not simple. */
function readBlock(lines: readonly string[], begin: number, end: number, isFolded: boolean): string | undefined {
  const indentation = INDENTATION.exec(lines[begin] ?? "")?.[0].length ?? 0;
  if (begin === end || indentation === 0) return undefined;
  let text = "";
  let empty = 0;
  for (let at = begin; at < end; at++) {
    const line = lines[at] ?? "";
    if (line === "") {
      empty++;
      continue;
    }
    const content = line.slice(indentation);
    // A space in front is content in a block that keeps its lines; in one that folds them it changes what is folded.
    const isText = TEXT.test(isFolded ? content : content.trimStart());
    if (!line.startsWith(" ".repeat(indentation)) || !isText || (isFolded && content.endsWith(" "))) return undefined;
    // YAML 1.2.2, section 6.5: a single break is a space, of several the first one is left out.
    if (at > begin) text += isFolded ? "\n".repeat(empty) || " " : "\n".repeat(empty + 1);
    text += content;
    empty = 0;
  }
  return text;
}
