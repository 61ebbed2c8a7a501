import type { CompiledRule } from "./compiled-rule.ts";

/** A warning names at most this many directories. */
const MAX_NAMED = 5;

/** The directories of rules that are not to be served from. */
export interface MissingRoots {
  /** Such as `rules[0].root commn (ENOENT)`, for the first of them. */
  readonly named: readonly string[];
  readonly count: number;
  /** Of the first one. */
  readonly cause: unknown;
}

/**
 * Looks for the directories that rules name for all clients alike; undefined if all are there. One with `{client}` or
 * `{mac}` may be missing: not each board has its own. One after the other: a file system that hangs takes one thread of
 * Node's, and no more.
 */
export async function findMissingRoots(
  rules: Iterable<CompiledRule>,
  open: (root: string) => Promise<unknown>,
): Promise<MissingRoots | undefined> {
  const named: string[] = [];
  const causes: unknown[] = [];
  for (const [root, index] of fixedRoots(rules)) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one at a time, as said above
      await open(root);
    } catch (error) {
      causes.push(error);
      const { code = "unreadable" } = error as NodeJS.ErrnoException;
      if (named.length < MAX_NAMED) named.push(`rules[${index}].root ${root} (${code})`);
    }
  }
  return causes.length === 0 ? undefined : { named, count: causes.length, cause: causes[0] };
}

/** Each with the first rule that names it. */
function fixedRoots(rules: Iterable<CompiledRule>): ReadonlyMap<string, number> {
  const roots = new Map<string, number>();
  for (const rule of rules) for (const root of rule.fixedRoots) if (!roots.has(root)) roots.set(root, rule.index);
  return roots;
}
