/** `files:` of a configuration file, read apart from the rest. */
export interface PlainFiles {
  readonly files: Readonly<Record<string, string>>;
  /** The configuration with one file in their place, whose name is PLACEHOLDER. */
  readonly rest: string;
}

/** No name that can be read here. */
export const PLACEHOLDER = "(read apart)";

/** A name that means itself in YAML, plain or in quotes, and behind it text in quotes; nothing in it differs from JSON. */
const ONE_LINE = /^ {2}(?:([A-Za-z][\w./-]{0,500})|"([\w./ -]{1,500})"): ("(?:[ !#-[\]-~]|\\[nrt"\\/])*")$/;
/** The words that stand for something else. */
const SPECIAL = /^(?:null|true|false)$/i;

/**
 * Reads `files:` of a configuration if each of its lines is of the simplest form, `  name: "text"`, as programs write it:
 * the parser for all of YAML takes 25 us for each. Undefined: it has to be read by that parser. It also is to be used if
 * anything turns out to be wrong, for it knows the lines of errors.
 */
export function readPlainFiles(text: string): PlainFiles | undefined {
  const lines = text.split("\n");
  const first = lines.indexOf("files:") + 1;
  // Directives change what the words mean.
  if (first === 0 || lines.some((line) => line.startsWith("%"))) return undefined;
  const files = new Map<string, string>();
  let end = first;
  for (; lines[end]?.startsWith(" "); end++) {
    const [, plain, quoted, value = ""] = ONE_LINE.exec(lines[end] ?? "") ?? [];
    const name = plain ?? quoted;
    if (name === undefined || files.has(name) || SPECIAL.test(name)) return undefined;
    files.set(name, JSON.parse(value) as string);
  }
  // In the same form, so that it is an error if they were one, as within { }.
  const rest = [...lines.slice(0, first), `  "${PLACEHOLDER}": ""`, ...lines.slice(end)].join("\n");
  return files.size === 0 ? undefined : { files: Object.fromEntries(files), rest };
}
