import { translatePosix } from "./posix-regexp.ts";

/** One rule of a map file, as tftpd(8) of tftp-hpa has them under "Filename remapping". */
export interface MapRule {
  /** From 1. */
  readonly line: number;
  /** Replaces, refuses, jumps to a label, or only ends or restarts. */
  readonly action: "replace" | "refuse" | "jump" | "none";
  /** Of a label: its name; then the rule does nothing by itself. */
  readonly label?: string;
  readonly pattern: RegExp;
  readonly replacement: string;
  /** `g`: again and again over the whole name; `gg`: over what is left of it. */
  readonly repeat: "once" | "whole" | "rest";
  /** `~`: if the pattern does not match. */
  readonly isInverse: boolean;
  readonly afterwards: "continue" | "exit" | "restart";
  /** Of `4` and `6`. */
  readonly family?: 4 | 6;
}

/** The longest line that is taken, in characters. */
const MAX_LINE = 4_096;
/** The most rules, and steps of a map: the last rules of a longer one would never be reached, as it counts as endless. */
export const MAX_RULES = 4_096;

/** Operations that cannot stand together, as tftpd-hpa has them. */
const CONFLICTS = ["r~", "ra", "rj", "aj", "as", "ej", "ae", "es"];

/**
 * Parses the text of a map file. A rule for write requests only (`P`) is left out.
 * @throws {SyntaxError} with the line, for what tftpd-hpa would not take, and for what cannot be done here.
 */
export function parseMapFile(text: string): readonly MapRule[] {
  const rules = text.split("\n").flatMap((line, index) => {
    try {
      return parseLine(line.replace(/[\r\0]/g, ""), index + 1) ?? [];
    } catch (error) {
      throw new SyntaxError(`line ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  });
  if (rules.length > MAX_RULES) throw new SyntaxError(`expected at most ${MAX_RULES} rules, got ${rules.length}`);
  assertLabels(rules);
  return rules;
}

function parseLine(line: string, number: number): MapRule | undefined {
  if (line.length > MAX_LINE) throw new SyntaxError(`expected at most ${MAX_LINE} characters`);
  const [operations, expression, replacement = ""] = wordsOf(line);
  if (operations === undefined) return undefined;
  if (/^:./.test(operations)) return makeLabel(operations.slice(1), number);
  for (const operation of operations) {
    if (operation === "E") throw new SyntaxError("E is not known here: give several names in the option `to`");
    if (!"rgisaej~GP46".includes(operation)) throw new SyntaxError(`expected an operation, got ${operation}`);
  }
  const has = (operation: string): boolean => operations.includes(operation);
  const conflict = CONFLICTS.find((pair) => Array.from(pair).every(has));
  if (conflict !== undefined) throw new SyntaxError(`${conflict[0]} and ${conflict[1]} cannot be combined`);
  if (expression === undefined) throw new SyntaxError("expected a regular expression behind the operations");
  if (has("P") || (has("4") && has("6"))) return undefined;
  return {
    line: number,
    action: has("r") ? "replace" : has("a") ? "refuse" : has("j") ? "jump" : "none",
    // A dot of POSIX is any character, a line break, too.
    pattern: new RegExp(translatePosix(expression), has("i") ? "gis" : "gs"),
    replacement,
    repeat: /g.*g/.test(operations) ? "rest" : has("g") ? "whole" : "once",
    isInverse: has("~"),
    afterwards: has("e") ? "exit" : has("s") ? "restart" : "continue",
    ...(has("4") && { family: 4 }),
    ...(has("6") && { family: 6 }),
  };
}

function makeLabel(label: string, line: number): MapRule {
  const nothing = {
    pattern: /(?!)/g,
    replacement: "",
    repeat: "once",
    isInverse: false,
    afterwards: "continue",
  } as const;
  return { line, action: "none", label, ...nothing };
}

/** Up to whitespace or a `#`, unless a backslash stands before it; the backslash stays. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let rest = line.trimStart();
  while (words.length < 3) {
    const [word = ""] = /^(?:\\.|[^\\\s#])+\\?|^\\/.exec(rest) ?? [];
    if (word === "") return words;
    words.push(word);
    rest = rest.slice(word.length).trimStart();
  }
  return words;
}

/** A label that is made of captures is only known when the rule matches. */
function assertLabels(rules: readonly MapRule[]): void {
  for (const { line, action, replacement } of rules) {
    if (action !== "jump" || replacement.includes("\\")) continue;
    if (!rules.some(({ label }) => label === replacement)) {
      throw new SyntaxError(`line ${line}: expected the name of a label, got ${JSON.stringify(replacement)}`);
    }
  }
}
