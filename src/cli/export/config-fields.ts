import { showValue } from "../../contract/text/show-value.ts";

/** The keys of one object in the file. */
export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, place: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${place}: expected lines of the form key: value, got ${showValue(value)}`);
}

export function toText(value: unknown, place: string, expected = "text", isSecret = false): string {
  if (typeof value === "string" && value !== "") return value;
  throw new Error(`${place}: expected ${expected}${isSecret ? "" : `, got ${showValue(value)}`}`);
}

export function optionalText(value: Fields, name: string): { readonly description?: string } {
  const given = value[name];
  return given === undefined || given === null ? {} : { description: toText(given, name) };
}

export function expectWord(file: Fields, key: string, expected: string): void {
  if (file[key] !== expected) throw new Error(`${key}: expected ${expected}, got ${showValue(file[key])}`);
}

export function expectKnown(value: Fields, place: string, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const prefix = place === "" ? "" : `${place}.`;
  throw new Error(`${prefix}${unknown}: unknown key; expected one of ${known.join(", ")}`);
}
