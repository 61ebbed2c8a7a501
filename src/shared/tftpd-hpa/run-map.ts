import { type MapRule, MAX_RULES } from "./map-file.ts";

/** The client, as a replacement can show it. */
export interface MapClient {
  /** Without a zone. */
  readonly address: string;
}

/** What became of a name: another name, or a refusal with a text or without. */
export type MapResult = { readonly name: string } | { readonly refused: string | undefined };

/** Rules can restart, jump and repeat: after this many steps they count as endless, as with tftpd-hpa. */
const MAX_STEPS = MAX_RULES;
/** No request has room for a longer name, and none is the name of a file. In characters. */
const MAX_NAME = 4_096;

/**
 * Applies a map to a name as it was sent.
 * @throws {Error} if the rules do not come to an end, make a name that is too long, or jump to a label that is not there.
 */
export function runMap(rules: readonly MapRule[], asked: string, client: MapClient): MapResult {
  const family = client.address.includes(":") ? 6 : 4;
  let name = asked;
  let steps = 0;
  const step = (line: number): void => {
    if (++steps > MAX_STEPS) throw new Error(`the map file does not come to an end: line ${line}`);
  };
  for (let at = 0; at < rules.length;) {
    const rule = rules[at++]!;
    if (rule.label !== undefined || (rule.family ?? family) !== family) continue;
    step(rule.line);
    const match = find(rule.pattern, name, 0);
    if ((match === undefined) !== rule.isInverse) continue;
    if (rule.action === "refuse") return { refused: expand(rule.replacement, match, client) || undefined };
    if (rule.action === "replace" && match) name = replace(rule, name, match, client, step);
    if (rule.afterwards === "exit") break;
    if (rule.afterwards === "restart") at = 0;
    if (rule.action === "jump") at = labelled(rules, expand(rule.replacement, match, client), rule.line);
  }
  return { name };
}

function replace(
  { pattern, replacement, repeat, line }: MapRule,
  asked: string,
  first: RegExpExecArray,
  client: MapClient,
  step: (line: number) => void,
): string {
  let name = asked;
  for (let match: RegExpExecArray | undefined = first; match;) {
    const put = expand(replacement, match, client);
    const end: number = match.index + put.length;
    name = name.slice(0, match.index) + put + name.slice(match.index + match[0].length);
    if (name.length > MAX_NAME) throw new Error(`the map file makes a name that is too long: line ${line}`);
    if (repeat === "once" || (repeat === "rest" && end >= name.length)) break;
    step(line);
    match = repeat === "whole" ? find(pattern, name, 0) : findBehind(pattern, name, match, end);
  }
  return name;
}

/** The first match from there on. */
function find(pattern: RegExp, name: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(name) ?? undefined;
}

/** Behind an empty match the next one begins a character later: sed does so, and it comes to an end. */
function findBehind(
  pattern: RegExp,
  name: string,
  { 0: matched }: RegExpExecArray,
  end: number,
): RegExpExecArray | undefined {
  return find(pattern, name, matched === "" ? end + 1 : end);
}

/** What stands for a replacement pattern: `\0` to `\9`, `\i`, `\x`, `\U`, `\L`, `\E`, and `\` before any character. */
function expand(replacement: string, match: RegExpExecArray | undefined, { address }: MapClient): string {
  let change = unchanged;
  return replacement.replace(/\\([\s\S]?)|[^\\]+/g, (piece: string, macro?: string) => {
    if (macro === undefined) return change(piece);
    if (/[0-9]/.test(macro)) return change(match?.[Number(macro)] ?? "");
    if (macro === "i") return change(address);
    if (macro === "x") return change(hexOf(address));
    if (macro === "U") change = upper;
    else if (macro === "L") change = lower;
    else if (macro === "E") change = unchanged;
    else return macro === "" ? "\\" : change(macro);
    return "";
  });
}

/** Only ASCII, as toupper(3) has it of the bytes of UTF-8; JavaScript would make two letters of some. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function unchanged(text: string): string {
  return text;
}

/** 192.0.2.169 is C00002A9; an IPv6 address has all of its 32 digits. */
function hexOf(address: string): string {
  if (!address.includes(":")) return address.split(".").map(twoDigits).join("");
  const [head = "", tail] = withoutDots(address).split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? [] : tail.split(":");
  while (groups.length + behind.length < 8) groups.push("0");
  return [...groups, ...behind].map((group) => group.padStart(4, "0").toUpperCase()).join("");
}

function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [one = "", two = "", three = "", four = ""] = octets.slice(0, 4).map(twoDigits);
    return `${one}${two}:${three}${four}`;
  });
}

function twoDigits(octet: string): string {
  return Number(octet).toString(16).padStart(2, "0").toUpperCase();
}

function labelled(rules: readonly MapRule[], label: string, line: number): number {
  const at = rules.findIndex((rule) => rule.label === label);
  if (at < 0) throw new Error(`the map file has no label ${JSON.stringify(label)}: line ${line}`);
  return at + 1;
}
