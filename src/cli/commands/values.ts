import { UsageError } from "../usage-error.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3 };

/** @throws {UsageError} */
export function parsePort(option: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${option}: expected a whole number from 0 to 65535, got ${JSON.stringify(text)}`);
}

/** The number, or the text as it is if it is none: a rule then refuses it, and shows it. */
export function wholeNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** The same for bytes, with K, M or G (powers of 1024) after the number. */
export function parseSize(text: string): number | string {
  const [, digits, unit = ""] = /^(\d{1,12})([KMG]?)(?:i?B)?$/i.exec(text) ?? [];
  return digits === undefined ? text : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}

/** @throws {UsageError} if there is an argument too many. */
export function refuseSurplus(surplus: readonly string[], rule: string): void {
  if (surplus.length > 0) throw new UsageError(`${rule}, got also ${JSON.stringify(surplus[0])}`);
}
