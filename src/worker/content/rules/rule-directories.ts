import type { RootedDirectory } from "../directory/rooted-directory.ts";

/** The most directories that are remembered: with `{client}` in a rule any address can ask for one of its own. */
const MAX_KEPT = 256;

/** The directories that rules serve from, opened when they are first needed. */
export class RuleDirectories {
  readonly #open: (path: string) => Promise<RootedDirectory>;
  readonly #kept = new Map<string, RootedDirectory>();

  constructor(open: (path: string) => Promise<RootedDirectory>) {
    this.#open = open;
  }

  /** @throws a system error if there is no such directory. */
  async get(path: string): Promise<RootedDirectory> {
    const kept = this.#kept.get(path);
    const directory = kept ?? (await this.#open(path));
    // The most recently used last. One that is forgotten serves its transfers to their end.
    this.#kept.delete(path);
    this.#kept.set(path, directory);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return directory;
  }
}
