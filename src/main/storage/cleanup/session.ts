import { TftpError } from "../../../contract/errors.ts";
import type { IdentifiedEntry, StorageBackend } from "../backend.ts";
import { JournaledEntries } from "./journaled-entries.ts";
import { Journal } from "./journal.ts";
import { chooseJournal, journalDirectories } from "./journal-place.ts";
import type { StorageOptions } from "../options.ts";
import { recover } from "./recovery.ts";
import { type Leftover, removeCreated } from "./removal.ts";

const reasons: Readonly<Record<Leftover["reason"], string>> = {
  replaced: "something else has taken its place",
  "in-use": "others have put something into it",
  unidentified: "its file system knows no time of birth, so that it may be another one",
  failed: "it cannot be removed",
};

/** From the first file to close(): what was made in between, and what becomes of it at the end. */
export class StorageSession {
  readonly created: JournaledEntries;
  /** What was made and not removed; known at the end. */
  leftovers: readonly Leftover[] = [];
  readonly #backend: StorageBackend;
  readonly #options: StorageOptions;
  readonly #journalDirectories: readonly string[];
  #recovered: Promise<void> | undefined;

  constructor(backend: StorageBackend, options: StorageOptions) {
    const { journal, warn, removeCreatedOnClose } = options;
    this.#backend = backend;
    this.#options = options;
    this.#journalDirectories = journal === false ? [] : journalDirectories(journal === true ? undefined : journal);
    this.created = new JournaledEntries({
      openJournal: journal === false ? undefined : () => this.#openJournal(),
      journalsCreated: removeCreatedOnClose,
      warn,
    });
  }

  /** Removes, once, what crashed drivers have left behind. Never rejects. */
  recover(): Promise<void> {
    this.#recovered ??= recover(this.#backend, this.#journalDirectories, this.#options.warn);
    return this.#recovered;
  }

  /** @throws {TftpError} NOT_REMOVED, with why the system did not let us. */
  async end(): Promise<void> {
    await this.#recovered;
    const failed = this.#options.removeCreatedOnClose ? await this.#removeCreated() : [];
    await this.created.close(failed);
    if (failed.length === 0) return;
    const causes = this.leftovers.flatMap(({ cause }) => cause ?? []);
    const message = `storage: not removed: ${failed.map(({ path }) => path).join(", ")}`;
    throw new TftpError("NOT_REMOVED", message, {
      cause: causes.length === 1 ? causes[0] : new AggregateError(causes),
    });
  }

  async #removeCreated(): Promise<readonly IdentifiedEntry[]> {
    const { leftovers, failed } = await removeCreated(this.#backend, this.created.entries);
    this.leftovers = leftovers;
    for (const { path, reason, cause } of leftovers) {
      this.#options.warn(`storage: ${path} stays: ${reasons[reason]}`, cause);
    }
    return failed;
  }

  async #openJournal(): Promise<Journal> {
    const location = await this.#backend.location();
    return new Journal(await chooseJournal(this.#journalDirectories, location), location);
  }
}
