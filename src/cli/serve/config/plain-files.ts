import { type FileEntry, readPlainEntry } from "./plain-entry.ts";

/** `files:` of a configuration file, of which what is simple was read apart from the rest. */
export interface PlainFiles {
  /** Runs of simple entries, in their order; undefined: one that is in `rest`. */
  readonly entries: readonly (readonly FileEntry[] | undefined)[];
  /** The configuration with one file in place of each of these runs. Its name is PLACEHOLDER and a number. */
  readonly rest: string;
}

/** No name that can be read here. */
export const PLACEHOLDER = "(read apart)";

/** An entry begins two spaces to the right of `files:`; its own lines are further to the right, or empty. */
const BEGIN = /^ {2}[^\s#]/;
const CONTINUED = /^(?: {3}|\s*$)/;
const COMMENT = /^ {0,2}#/;

/**
 * Reads the simple entries of `files:`: names with text on the same line or in a block (`|` or `>`) below. The parser
 * for all of YAML takes 20 to 35 us for each. Undefined: that parser has to read everything. It also is to be used if
 * anything turns out to be wrong, for it knows the lines of errors.
 */
export function readPlainFiles(text: string): PlainFiles | undefined {
  const lines = text.split("\n");
  const first = lines.indexOf("files:") + 1;
  // Directives change what the words mean, and a carriage return may end a line or be part of it.
  if (first === 0 || text.includes("\r") || lines.some((line) => line.startsWith("%"))) return undefined;
  const entries: (FileEntry[] | undefined)[] = [];
  const rest = lines.slice(0, first);
  let at = first;
  for (let end = at; at < lines.length; at = end) {
    const line = lines[at] ?? "";
    if (!BEGIN.test(line)) {
      if (!COMMENT.test(line) && line !== "") break;
      rest.push(line);
      end = at + 1;
      continue;
    }
    for (end = at + 1; end < lines.length && CONTINUED.test(lines[end] ?? ""); end++);
    const entry = readPlainEntry(line, lines, at + 1, end);
    const run = entries.at(-1);
    if (!entry) {
      entries.push(undefined);
      for (let each = at; each < end; each++) rest.push(lines[each] ?? "");
    } else if (run) {
      run.push(entry);
    } else {
      entries.push([entry]);
      // In the same form, so that it is an error if they were one, as within { }.
      rest.push(`  "${PLACEHOLDER} ${entries.length - 1}": ""`);
    }
  }
  for (; at < lines.length; at++) rest.push(lines[at] ?? "");
  return entries.some(Boolean) ? { entries, rest: rest.join("\n") } : undefined;
}

/**
 * All files in their order. Undefined: what was taken apart cannot be put together, for it was no list of files, or a
 * name is there twice.
 * @param others What the parser has read of `rest`.
 */
export function joinFiles({ entries }: PlainFiles, others: readonly FileEntry[]): FileEntry[] | undefined {
  if (entries.length !== others.length) return undefined;
  if (entries.some((run, index) => run && others[index]?.[0] !== `${PLACEHOLDER} ${index}`)) return undefined;
  const all = entries.flatMap((run, index) => run ?? others.slice(index, index + 1));
  return new Set(all.map(([name]) => name)).size === all.length ? all : undefined;
}
