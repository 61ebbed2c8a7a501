import type { CreatedEntries, IdentifiedEntry } from "../backend.ts";
import type { Journal, JournalLine } from "./journal.ts";
import { isUnder } from "../path.ts";

/** The most outdated lines in the journal before it is written anew. */
const SLACK = 1_000;

export interface JournaledEntriesOptions {
  /** Opens the journal when there is something to write to it; undefined for none. */
  readonly openJournal: (() => Promise<Journal>) | undefined;
  /** Whether what was made goes into the journal; what is being written always does. */
  readonly journalsCreated: boolean;
  readonly warn: (message: string, cause: unknown) => void;
}

/** What this session has made, in memory and in its journal. */
export class JournaledEntries implements CreatedEntries {
  readonly #options: JournaledEntriesOptions;
  readonly #created = new Map<string, IdentifiedEntry>();
  readonly #temporaries = new Set<string>();
  #journal: Promise<Journal> | undefined;
  #broken = false;

  constructor(options: JournaledEntriesOptions) {
    this.#options = options;
  }

  /** By path. */
  get entries(): readonly IdentifiedEntry[] {
    return [...this.#created.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  get(path: string): IdentifiedEntry | undefined {
    return this.#created.get(path);
  }

  async addTemporary(path: string): Promise<void> {
    this.#temporaries.add(path);
    await this.#note({ temporary: path });
  }

  dropTemporary(path: string): void {
    // The journal may keep it: to remove what is not there does no harm.
    this.#temporaries.delete(path);
  }

  async add(entry: IdentifiedEntry): Promise<void> {
    this.#created.set(entry.path, entry);
    if (this.#options.journalsCreated) await this.#note(toLine(entry));
  }

  async forget(path: string): Promise<void> {
    const known = this.#under(path);
    for (const entry of known) this.#created.delete(entry.path);
    if (this.#options.journalsCreated && known.length > 0) await this.#note({ forget: path });
  }

  async move(from: string, to: string, rename: () => Promise<void>): Promise<void> {
    const moved = this.#under(from).map((entry) => renamed(entry, to + entry.path.slice(from.length)));
    // The identity stays: until it is renamed, the new line speaks of nothing.
    if (this.#options.journalsCreated && moved.length > 0) await this.#note(...moved.map(toLine));
    await rename();
    for (const entry of this.#under(to)) this.#created.delete(entry.path);
    for (const entry of moved) this.#created.set(entry.path, entry);
    await this.forget(from);
  }

  /** Nothing more will come. What could not be removed stays in the journal, for the next start to try again. */
  async close(left: readonly IdentifiedEntry[]): Promise<void> {
    const journal = await this.#journal?.catch(() => undefined);
    if (journal === undefined) return;
    if (left.length === 0) return await journal.remove();
    await journal.rewrite(() => left.map(toLine), true);
    await journal.close();
  }

  #under(path: string): IdentifiedEntry[] {
    return [...this.#created.values()].filter((entry) => isUnder(entry.path, path));
  }

  /** A journal that cannot be written must not keep files from being written; it is reported once. */
  async #note(...lines: JournalLine[]): Promise<void> {
    if (this.#broken || this.#options.openJournal === undefined) return;
    try {
      this.#journal ??= this.#options.openJournal();
      const journal = await this.#journal;
      await journal.append(...lines);
      const outdated = journal.length - this.#created.size - this.#temporaries.size;
      if (outdated > SLACK + this.#created.size) await journal.rewrite(() => this.#lines());
    } catch (error) {
      if (!this.#broken) {
        this.#options.warn("storage: the journal cannot be written; after a crash, created files would stay", error);
      }
      this.#broken = true;
    }
  }

  #lines(): JournalLine[] {
    const temporaries = [...this.#temporaries].map((temporary) => ({ temporary }));
    return this.#options.journalsCreated ? [...temporaries, ...[...this.#created.values()].map(toLine)] : temporaries;
  }
}

function renamed({ type, identity }: IdentifiedEntry, path: string): IdentifiedEntry {
  return { path, type, identity };
}

function toLine({ path, type, identity }: IdentifiedEntry): JournalLine {
  return { made: path, type, identity };
}
