import { isAddressRange } from "./address-range.ts";
import { TftpError } from "../errors.ts";
import type { SourceConfig } from "./server-config.ts";
import { isPortRange, type PortsPolicy } from "./ports.ts";
import { showType, showValue } from "../text/show-value.ts";

/** What one option may be. */
export interface OptionRule<Value> {
  /** The default. */
  readonly fallback: Value;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is Value;
  /** Says what is wrong within a value that has parts; undefined if nothing is. */
  readonly fault?: (name: string, value: unknown) => string | undefined;
  /** How an error shows the value; without it, as `showValue` does. `showType` if it may hold a password. */
  readonly show?: (value: unknown) => string;
  /** The same in the words of JSON Schema (draft 7), for editors; it may accept more. */
  readonly schema: JsonSchema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

const PATH: JsonSchema = { type: "string", minLength: 1 };

/** @throws {TftpError} INVALID_OPTION, naming the option, what was expected, and the value. */
export function check<Value>(name: string, value: unknown, rule: OptionRule<Value>): Value {
  const { expected, accepts, fault, show = showValue } = rule;
  if (accepts(value)) return value;
  const precisely = fault?.(name, value);
  if (precisely !== undefined) throw new TftpError("INVALID_OPTION", precisely);
  throw new TftpError("INVALID_OPTION", `${name}: expected ${expected}, got ${show(value)}`);
}

export function integer(fallback: number, low: number, high: number): OptionRule<number> {
  return {
    fallback,
    expected: `a whole number from ${low} to ${high}`,
    accepts: (value): value is number => Number.isInteger(value) && Number(value) >= low && Number(value) <= high,
    schema: { type: "integer", minimum: low, maximum: high },
  };
}

export function boolean(fallback: boolean): OptionRule<boolean> {
  return {
    fallback,
    expected: "true or false",
    accepts: (value): value is boolean => typeof value === "boolean",
    schema: { type: "boolean" },
  };
}

export function path(fallback: string): OptionRule<string> {
  return {
    fallback,
    expected: "a path, as a non-empty string without NUL",
    accepts: (value): value is string => typeof value === "string" && value !== "" && !value.includes("\0"),
    schema: PATH,
  };
}

/** Whether there is such a file is seen when it is needed. */
export function fileLocation(): OptionRule<string | URL> {
  return {
    fallback: "",
    expected: "a file URL, or a path, as a non-empty string without NUL",
    accepts: (value): value is string | URL => {
      if (value instanceof URL) return value.protocol === "file:";
      return path("").accepts(value) && (!value.startsWith("file:") || URL.canParse(value));
    },
    schema: PATH,
  };
}

export function addressRanges(...fallback: readonly string[]): OptionRule<readonly string[]> {
  return {
    fallback,
    expected: 'an array of addresses and CIDR ranges, such as "192.168.1.17" or "192.168.1.0/24"',
    accepts: (value): value is readonly string[] => Array.isArray(value) && value.every(isAddressRange),
    schema: { type: "array", items: { type: "string", minLength: 1 } },
  };
}

export function ports(): OptionRule<PortsPolicy> {
  const port = { type: "integer", minimum: 1, maximum: 65_535 };
  const ends = { from: port, to: port };
  return {
    fallback: "own",
    expected: '"own", "single", or a range of ports from 1 to 65535, such as { from: 50000, to: 50100 }',
    accepts: (value): value is PortsPolicy => value === "own" || value === "single" || isPortRange(value),
    show: (value) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return showValue(value);
      return `{ ${Object.entries(value)
        .map(([name, end]) => `${name}: ${showValue(end)}`)
        .join(", ")} }`;
    },
    schema: {
      anyOf: [
        { enum: ["own", "single"] },
        { type: "string", pattern: String.raw`^\s*\d{1,5}\s*-\s*\d{1,5}\s*$` },
        { type: "object", required: Object.keys(ends), properties: ends, additionalProperties: false },
      ],
    },
  };
}

export function source(): OptionRule<SourceConfig | undefined> {
  return {
    fallback: undefined,
    expected: "an object with a scheme and the options of that service, all of them strings, numbers or booleans",
    accepts: isSource,
    show: showType,
    schema: {
      type: "object",
      required: ["scheme"],
      properties: { scheme: { type: "string", minLength: 1 } },
      additionalProperties: { type: ["string", "number", "boolean"] },
    },
  };
}

export function journal(): OptionRule<boolean | string> {
  return {
    fallback: true,
    expected: "true, false or the path of a directory",
    accepts: (value): value is boolean | string => typeof value === "boolean" || path("").accepts(value),
    schema: { anyOf: [{ type: "boolean" }, PATH] },
  };
}

export function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words): OptionRule<Words[number]> {
  return {
    fallback: words[0],
    expected: words.map((word) => `"${word}"`).join(" or "),
    accepts: (value): value is Words[number] => words.includes(value as string),
    schema: { enum: words },
  };
}

export function optional<Value>({ expected, accepts, schema }: OptionRule<Value>): OptionRule<Value | undefined> {
  return { fallback: undefined, expected, accepts, schema };
}

export function wordOr<const Word extends string>(
  word: Word,
  { fallback, expected, accepts, schema }: OptionRule<number>,
): OptionRule<number | Word> {
  return {
    fallback,
    expected: `${expected}, or "${word}"`,
    accepts: (value): value is number | Word => value === word || accepts(value),
    schema: { anyOf: [schema, { const: word }] },
  };
}

export function zeroOr({ fallback, expected, accepts, schema }: OptionRule<number>): OptionRule<number> {
  return {
    fallback,
    expected: `0, or ${expected}`,
    accepts: (value): value is number => value === 0 || accepts(value),
    schema: { anyOf: [{ const: 0 }, schema] },
  };
}

function isSource(value: unknown): value is SourceConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { scheme } = value as { scheme?: unknown };
  const isPlain = Object.values(value).every((entry) => ["string", "number", "boolean"].includes(typeof entry));
  return typeof scheme === "string" && scheme !== "" && isPlain;
}
