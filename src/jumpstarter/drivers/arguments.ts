import { showValue } from "../../contract/text/show-value.ts";
import type { Json } from "../wire/value.ts";
import { CallFailure } from "./driver-export.ts";

/** The arguments of a call, taken one after the other; Python passes them by position only. */
export class Arguments {
  readonly #method: string;
  readonly #args: readonly Json[];
  #taken = 0;

  /** @throws {CallFailure} INVALID_ARGUMENT if there are more or fewer than those. */
  constructor(method: string, args: readonly Json[], least: number, most: number = least) {
    this.#method = method;
    this.#args = args;
    checkCount(method, args, least, most);
  }

  /** @throws {CallFailure} INVALID_ARGUMENT */
  text(name: string): string {
    const given = this.#next();
    if (typeof given === "string" && !given.includes("\0")) return given;
    throw this.#unexpected(name, "a string without NUL", given);
  }

  /** @throws {CallFailure} INVALID_ARGUMENT */
  integer(name: string, fallback?: number): number {
    const given = this.#next() ?? fallback;
    if (Number.isSafeInteger(given)) return given as number;
    throw this.#unexpected(name, "a whole number", given);
  }

  /** @throws {CallFailure} INVALID_ARGUMENT */
  oneOf<const Words extends readonly string[]>(name: string, words: Words, fallback?: Words[number]): Words[number] {
    const given = this.#next() ?? fallback;
    if (typeof given === "string" && words.includes(given)) return given;
    throw this.#unexpected(name, words.map((word) => JSON.stringify(word)).join(" or "), given);
  }

  json(): Json | undefined {
    return this.#next();
  }

  #next(): Json | undefined {
    return this.#args[this.#taken++];
  }

  #unexpected(name: string, expected: string, given: unknown): CallFailure {
    return new CallFailure(
      "INVALID_ARGUMENT",
      `${this.#method}: ${name}: expected ${expected}, got ${showValue(given)}`,
    );
  }
}

/** @throws {CallFailure} INVALID_ARGUMENT if there are more or fewer than those. */
export function checkCount(method: string, args: readonly Json[], least: number, most: number = least): void {
  if (args.length >= least && args.length <= most) return;
  const expected = least === most ? `${least}` : `${least} to ${most}`;
  throw new CallFailure("INVALID_ARGUMENT", `${method}: expected ${expected} arguments, got ${args.length}`);
}
