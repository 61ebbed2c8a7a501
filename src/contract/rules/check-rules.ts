import { isAddressRange } from "../options/address-range.ts";
import type { JsonSchema, OptionRule } from "../options/option-rules.ts";
import { listOf, type Rule, type RuleList, rulesOf } from "./rules.ts";
import { profileNames } from "./profile-names.ts";
import { parseTemplate } from "./rule-template.ts";
import { isInvisible } from "../text/printable-text.ts";
import { showValue } from "../text/show-value.ts";
import { utf8Start } from "../text/utf8.ts";

/** The most rules, and the most texts in one list of a rule. */
const MAX_RULES = 10_000;
const MAX_LIST = 100;
/** Of a text in a rule, in characters. A name is never longer than a request. */
const MAX_TEXT = 1_024;
/** The text of an ERROR fits every client. In bytes of UTF-8. */
export const MAX_DENIAL = 200;

interface KeyRule {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  readonly schema: JsonSchema;
}

const text: JsonSchema = { type: "string", minLength: 1 };
const texts: JsonSchema = { anyOf: [text, { type: "array", items: text, minItems: 1 }] };

/** What each key of a rule may be. */
const keys: { readonly [Key in keyof Required<Rule>]: KeyRule } = {
  match: { expected: "a glob", accepts: isText, schema: text },
  client: {
    expected: 'an address or CIDR range, such as "192.168.1.0/24", or a list of them',
    accepts: (value) => oneOrMore(value, isAddressRange),
    schema: texts,
  },
  mode: {
    expected: '"octet" or "netascii"',
    accepts: (value) => value === "octet" || value === "netascii",
    schema: { enum: ["octet", "netascii"] },
  },
  options: {
    expected: 'the name of an option that clients ask for, "NAME=VALUE", or a list of them',
    accepts: (value) => oneOrMore(value, isAskedOption),
    schema: texts,
  },
  to: { expected: "a name, or a list of names", accepts: (value) => oneOrMore(value, isText), schema: texts },
  tftpdHpaMap: {
    expected: "the path of a map file, or { text }",
    accepts: (value) => isText(value) || isMapText(value),
    schema: text,
  },
  root: {
    expected: "the path of a directory, or a list of paths",
    accepts: (value) => oneOrMore(value, isText),
    schema: texts,
  },
  deny: {
    expected: `a text of 1 to ${MAX_DENIAL} bytes in UTF-8 on one line`,
    accepts: (value) => isText(value) && utf8Start(value, MAX_DENIAL) === value && !Array.from(value).some(isInvisible),
    schema: { ...text, maxLength: MAX_DENIAL },
  },
  caseInsensitive: {
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  },
  cutAt: { expected: "a text, or a list of texts", accepts: (value) => oneOrMore(value, isText), schema: texts },
  serialFallback: {
    expected: "true or false",
    accepts: (value) => typeof value === "boolean",
    schema: { type: "boolean" },
  },
  profile: {
    expected: profileNames.map((name) => `"${name}"`).join(" or "),
    accepts: (value) => (profileNames as readonly unknown[]).includes(value),
    schema: { enum: profileNames },
  },
};

/** What a rule that refuses may have besides. */
const withDeny: ReadonlySet<string> = new Set([
  "match",
  "client",
  "mode",
  "options",
  "caseInsensitive",
  "cutAt",
  "deny",
]);

/** The keys of a rule. */
export const ruleKeys = Object.keys(keys) as readonly (keyof Rule)[];

/** Rules for requests. Whether a `match` is a glob, and what a map file holds, `prepareRules` checks. */
export function rules(): OptionRule<RuleList> {
  return {
    fallback: [],
    expected: "a rule or an array of rules, as docs/rules.md has them",
    accepts: (value): value is RuleList => faultOfRules("rules", value) === undefined,
    fault: faultOfRules,
    schema: ruleListSchema(),
  };
}

/** Of a configuration file, whose keys have `_` between their words. */
function ruleListSchema(): JsonSchema {
  const properties = Object.fromEntries(ruleKeys.map((key) => [fileKeyOf(key), keys[key].schema]));
  const rule = { type: "object", additionalProperties: false, minProperties: 1, properties };
  return { anyOf: [rule, { type: "array", items: rule, maxItems: MAX_RULES }] };
}

function fileKeyOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What is wrong with the rules: the place, what was expected, and the value; undefined if nothing is. */
function faultOfRules(name: string, value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) {
    return `${name}: expected a rule or an array of rules, got ${showValue(value)}`;
  }
  const list = rulesOf(value);
  if (list.length > MAX_RULES) return `${name}: expected at most ${MAX_RULES} rules, got ${list.length}`;
  for (const [index, rule] of list.entries()) {
    const place = Array.isArray(value) ? `${name}[${index}]` : name;
    const fault = faultOfRule(place, rule);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfRule(place: string, rule: unknown): string | undefined {
  if (typeof rule !== "object" || rule === null || Array.isArray(rule)) {
    return `${place}: expected a rule, an object, got ${showValue(rule)}`;
  }
  const given = Object.entries(rule).filter(([, value]) => value !== undefined) as [keyof Rule, unknown][];
  if (given.length === 0) return `${place}: expected at least one of ${ruleKeys.join(", ")}`;
  for (const [key, value] of given) {
    const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (!known) return `${place}.${key}: expected one of ${ruleKeys.join(", ")}; there is no such key of a rule`;
    if (!known.accepts(value)) return `${place}.${key}: expected ${known.expected}, got ${showValue(value)}`;
  }
  return faultOfCombination(place, rule) ?? faultOfTemplates(place, rule);
}

function faultOfCombination(place: string, rule: Rule): string | undefined {
  if (rule.to !== undefined && rule.tftpdHpaMap !== undefined) {
    return `${place}.tftpdHpaMap: expected only without to, got both`;
  }
  const surplus = ruleKeys.find((key) => rule[key] !== undefined && !withDeny.has(key));
  if (rule.deny === undefined || surplus === undefined) return undefined;
  return `${place}.${surplus}: expected only without deny, got both`;
}

function faultOfTemplates(place: string, { to, root }: Rule): string | undefined {
  for (const template of listOf(to)) {
    const parts = parseTemplate(template, ["name", "client", "mac"]);
    if (typeof parts === "string") return `${place}.to: ${parts}`;
  }
  for (const template of listOf(root)) {
    // No capture: it is the client's own text, and might lead anywhere.
    const parts = parseTemplate(template, ["client", "mac"], 0);
    if (typeof parts === "string") return `${place}.root: ${parts}`;
  }
  return undefined;
}

function oneOrMore(value: unknown, accepts: (each: unknown) => boolean): boolean {
  if (!Array.isArray(value)) return accepts(value);
  return value.length > 0 && value.length <= MAX_LIST && value.every(accepts);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT && !value.includes("\0");
}

/** Printable ASCII, as options are. */
function isAskedOption(value: unknown): boolean {
  return isText(value) && /^[!-<>-~]+(?:=[ -~]*)?$/.test(value);
}

function isMapText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { text: content, file } = value as { text?: unknown; file?: unknown };
  return typeof content === "string" && (file === undefined || typeof file === "string");
}
