import type { RootedDirectory } from "../directory/rooted-directory.ts";

/** The most directories that are remembered: with `{client}` in a rule any address can ask for one of its own. */
const MAX_KEPT = 256;

/** The directories that rules serve from, opened when they are first needed. */
export class RuleDirectories {
  readonly #open: (path: string) => Promise<RootedDirectory>;
  readonly #kept = new Map<string, RootedDirectory>();
  readonly #opening = new Map<string, Promise<RootedDirectory>>();

  constructor(open: (path: string) => Promise<RootedDirectory>) {
    this.#open = open;
  }

  /** @throws a system error if there is no such directory; it is looked for again the next time. */
  async get(path: string): Promise<RootedDirectory> {
    const directory = this.#kept.get(path) ?? (await this.#openOnce(path));
    // The most recently used last. One that is forgotten serves its transfers to their end.
    this.#kept.delete(path);
    this.#kept.set(path, directory);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return directory;
  }

  /** Requests of one moment share it, and with it the files that are open in it. */
  #openOnce(path: string): Promise<RootedDirectory> {
    const opening = this.#opening.get(path) ?? this.#open(path).finally(() => this.#opening.delete(path));
    this.#opening.set(path, opening);
    return opening;
  }
}
