/** The characters that a class such as `[:alpha:]` stands for (POSIX, section 9.3.5), as far as they are ASCII. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  blank: " \\t",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t-\\r ",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** What GNU's regcomp() knows besides (regex(7) does not have them, but map files do). */
const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\b(?=\\w)",
  ">": "\\b(?<=\\w)",
  "`": "^",
  "'": "$",
  b: "\\b",
  B: "\\B",
  w: "\\w",
  W: "\\W",
  s: "\\s",
  S: "\\S",
};

/** What the last piece of an expression was: the beginning of a group, a repetition, or anything else. */
type Piece = "group" | "repetition" | "other";

/**
 * Translates an extended regular expression (POSIX, section 9.4) into one of JavaScript. One difference stays: of
 * alternatives, JavaScript takes the first that matches, POSIX the longest.
 * @throws {SyntaxError} if it is none, or has what JavaScript does not know.
 */
export function translatePosix(expression: string): string {
  let translated = "";
  let before: Piece = "other";
  let groups = 0;
  for (let at = 0; at < expression.length;) {
    const character = expression[at]!;
    const last = before;
    before = "other";
    if (character === "[") {
      const [bracket, end] = translateBracket(expression, at);
      translated += bracket;
      at = end;
    } else if (character === "\\") {
      translated += translateEscape(expression[at + 1], groups);
      at += 2;
    } else if (/[?+*{]/.test(character)) {
      const repetition = repetitionAt(expression, at);
      if (repetition !== "") {
        if (character === "?" && last === "group") throw new SyntaxError("expected no ? behind a (");
        // JavaScript would read `a*?` as a reluctant repetition; POSIX does not know what it means.
        if (last === "repetition") {
          throw new SyntaxError(`expected nothing repeated twice, got ${expression.slice(at - 1, at + 1)}`);
        }
        before = "repetition";
      }
      translated += repetition || "\\{";
      at += repetition.length || 1;
    } else {
      if (character === "(") {
        before = "group";
        groups++;
      }
      translated += /[}\]/]/.test(character) ? `\\${character}` : character;
      at++;
    }
  }
  return translated;
}

/** Bounds, or one character; "" for a brace that begins no bounds, which is a character as any other (regex(7)). */
function repetitionAt(expression: string, at: number): string {
  return expression[at] === "{" ? (/^\{\d+(?:,\d*)?\}/.exec(expression.slice(at))?.[0] ?? "") : expression[at]!;
}

/** @param groups How many have begun before it. */
function translateEscape(character: string | undefined, groups: number): string {
  if (character === undefined) throw new SyntaxError("expected a character behind the last \\");
  // References such as \1 are GNU's, too. JavaScript reads one to a group that is not there as a control character.
  if (/[1-9]/.test(character)) {
    if (Number(character) > groups) throw new SyntaxError(`expected a group before \\${character}`);
    return `\\${character}`;
  }
  return ESCAPES[character] ?? literal(character);
}

/** A bracket expression, in which a backslash is a character as any other. Returns where it ends, too. */
function translateBracket(expression: string, start: number): [translated: string, end: number] {
  const isNegated = expression[start + 1] === "^";
  let at = start + (isNegated ? 2 : 1);
  const first = at;
  let inside = "";
  for (; at < expression.length && (expression[at] !== "]" || at === first); at++) {
    const character = expression[at]!;
    const special = character === "[" ? expression[at + 1] : undefined;
    if (special === "." || special === "=") throw new SyntaxError(`expected no collating element, got [${special}`);
    if (special === ":") {
      const end = expression.indexOf(":]", at + 2);
      const name = expression.slice(at + 2, end < 0 ? undefined : end);
      const characters = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
      if (characters === undefined) throw new SyntaxError(`expected a class of characters, got [:${name}`);
      inside += characters;
      at = end + 1;
    } else {
      inside += character === "-" ? dash(expression, at, first) : literal(character, "\\]^[");
    }
  }
  if (at >= expression.length) throw new SyntaxError("expected a ] behind the last [");
  return [`[${isNegated ? "^" : ""}${inside}]`, at + 1];
}

/** The first or last one is a character as any other. */
function dash(expression: string, at: number, first: number): string {
  return at === first || expression[at + 1] === "]" ? "\\-" : "-";
}

function literal(character: string, special = "\\^$.*+?()[]{}|/"): string {
  return special.includes(character) ? `\\${character}` : character;
}
