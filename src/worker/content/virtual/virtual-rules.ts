import type { VirtualRule, PlainContent } from "../../../contract/rules/virtual-files.ts";
import { compileGlob, literalName } from "../../../shared/glob/glob.ts";

/** A rule, ready to be asked. */
export interface ActiveRule {
  readonly id: number;
  readonly content: PlainContent | undefined;
}

interface PlacedRule extends ActiveRule {
  /** Its place among all rules. */
  readonly place: number;
}

interface PatternRule extends PlacedRule {
  readonly isRegExp: boolean;
  readonly matches: (file: string) => boolean;
}

/**
 * The rules for virtual files, in the order in which they were given. It is there before the server is. Rules for one name
 * are looked up by it, so that a request costs the same however many there are; only patterns are tried one by one.
 */
export class VirtualRules {
  /** By the name that they are for. */
  readonly #named = new Map<string, PlacedRule[]>();
  /** By id, in order. */
  readonly #patterns = new Map<number, PatternRule>();
  /** The names of those that are for one name, by id. */
  readonly #names = new Map<number, string>();
  /** How many of the patterns are a RegExp. */
  #regExps = 0;
  #places = 0;

  /** Some rule runs code of the user's, which may take for ever with a name that a client chose. */
  get hasRegExp(): boolean {
    return this.#regExps > 0;
  }

  add({ id, pattern, content }: VirtualRule): void {
    const rule = { id, content, place: this.#places++ };
    const name = typeof pattern === "string" ? literalName(pattern) : undefined;
    if (name === undefined) {
      const isRegExp = typeof pattern !== "string";
      this.#patterns.set(id, { ...rule, isRegExp, matches: matcher(pattern) });
      if (isRegExp) this.#regExps++;
      return;
    }
    this.#names.set(id, name);
    const others = this.#named.get(name);
    if (others) others.push(rule);
    else this.#named.set(name, [rule]);
  }

  remove(id: number): void {
    if (this.#patterns.get(id)?.isRegExp) this.#regExps--;
    this.#patterns.delete(id);
    const name = this.#names.get(id);
    if (name === undefined) return;
    this.#names.delete(id);
    const rest = this.#named.get(name)?.filter((rule) => rule.id !== id) ?? [];
    if (rest.length > 0) this.#named.set(name, rest);
    else this.#named.delete(name);
  }

  /** The rules that the name matches, the first one first; as they are now. */
  matching(file: string): readonly ActiveRule[] {
    const found: PlacedRule[] = [...(this.#named.get(file) ?? [])];
    if (this.#patterns.size === 0) return found;
    for (const rule of this.#patterns.values()) if (rule.matches(file)) found.push(rule);
    return found.toSorted((one, other) => one.place - other.place);
  }
}

function matcher(pattern: string | RegExp): (file: string) => boolean {
  if (typeof pattern === "string") return compileGlob(pattern);
  return (file) => {
    // With the flags g and y, a search would go on from the end of the last one.
    pattern.lastIndex = 0;
    return pattern.test(file);
  };
}
