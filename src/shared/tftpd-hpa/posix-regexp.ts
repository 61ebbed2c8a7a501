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

/**
 * Translates an extended regular expression (POSIX, section 9.4) into one of JavaScript. One difference stays: of
 * alternatives, JavaScript takes the first that matches, POSIX the longest.
 * @throws {SyntaxError} if it is none, or has what JavaScript does not know.
 */
export function translatePosix(expression: string): string {
  let translated = "";
  for (let at = 0; at < expression.length;) {
    const character = expression[at]!;
    if (character === "[") {
      const [bracket, end] = translateBracket(expression, at);
      translated += bracket;
      at = end;
    } else if (character === "\\") {
      translated += translateEscape(expression[at + 1]);
      at += 2;
    } else if (character === "{") {
      const [bounds = ""] = /^\{\d+(?:,\d*)?\}/.exec(expression.slice(at)) ?? [];
      // A brace that begins no bounds is a character as any other (regex(7)).
      translated += bounds || "\\{";
      at += bounds.length || 1;
    } else {
      if (character === "?" && expression[at - 1] === "(") throw new SyntaxError("expected no ? behind a (");
      // JavaScript would read `a*?` as a reluctant repetition; POSIX does not know what it means.
      if (/[?+*]/.test(character) && /[?+*}]$/.test(translated) && expression[at - 2] !== "\\") {
        throw new SyntaxError(`expected nothing repeated twice, got ${expression.slice(at - 1, at + 1)}`);
      }
      translated += /[}\]/]/.test(character) ? `\\${character}` : character;
      at++;
    }
  }
  return translated;
}

function translateEscape(character: string | undefined): string {
  if (character === undefined) throw new SyntaxError("expected a character behind the last \\");
  // References such as \1 are GNU's, too.
  return ESCAPES[character] ?? (/[1-9]/.test(character) ? `\\${character}` : literal(character));
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
