import type { VirtualRule, PlainContent } from "../../../contract/virtual-files.ts";
import { compileGlob } from "../../../shared/glob.ts";

/** A rule, ready to be asked. */
export interface ActiveRule {
  readonly id: number;
  readonly matches: (file: string) => boolean;
  readonly content: PlainContent | undefined;
}

/** The rules for virtual files, in the order in which they were given. It is there before the server is. */
export class VirtualRules {
  readonly #rules = new Map<number, ActiveRule>();

  add({ id, pattern, content }: VirtualRule): void {
    this.#rules.set(id, {
      id,
      content,
      matches: typeof pattern === "string" ? compileGlob(pattern) : matcher(pattern),
    });
  }

  remove(id: number): void {
    this.#rules.delete(id);
  }

  /** The rules that the name matches, the first one first; as they are now. */
  matching(file: string): readonly ActiveRule[] {
    if (this.#rules.size === 0) return [];
    return [...this.#rules.values()].filter((rule) => rule.matches(file));
  }
}

function matcher(pattern: RegExp): (file: string) => boolean {
  return (file) => {
    // With the flags g and y, a search would go on from the end of the last one.
    pattern.lastIndex = 0;
    return pattern.test(file);
  };
}
