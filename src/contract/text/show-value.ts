/** Longer strings are cut: an error message is one line. In characters. */
const MAX_TEXT = 100;

/** A value of any type as error messages show it: `"text"`, `[1, 2]`, `an object`, `undefined`. */
export function showValue(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
  if (Array.isArray(value)) return `[${value.map(showValue).join(", ")}]`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

/** Of a value that must not be shown: `a string`, `an array`, `an object`. */
export function showType(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? showValue(value) : `a ${typeof value}`;
}
