import { opendir } from "node:fs/promises";
import { foldCase } from "../../../shared/glob/glob.ts";
import { statPath } from "../fs.ts";
import { PacedGate } from "../paced-gate.ts";

/** The most entries of one directory that are looked at; what comes behind them is not found. */
const MAX_ENTRIES = 20_000;
/** The most entries that are kept, of all directories together, and the most directories. */
const MAX_KEPT = 100_000;
const MAX_DIRECTORIES = 1_024;
/** For how long a listing is believed, in ms, even if the directory says that it has not changed: some do not know. */
const KEEP_MS = 5_000;
/** A directory that changed within the coarsest tick among file systems may have changed again since. In ms. */
const TICK_MS = 2_000;

/** Names, one character a byte, by what they are if the case of A to Z is passed over. */
type Names = ReadonlyMap<string, readonly string[]>;

interface Listing {
  readonly names: Names;
  readonly count: number;
  readonly version: string;
  /** Whether an equal version proves that the names are the same. */
  readonly isSettled: boolean;
  readonly readAt: number;
}

interface Version {
  readonly version: string;
  readonly changedMs: number;
}

/** What means that there is nothing to be found; all else is our own trouble. */
const nothing: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG"]);

/**
 * What is in directories, to be searched without regard to case. Any client can ask for names that are not there: a
 * listing is kept while the directory does not change, and directories are read one at a time, for at most a fifth of
 * the time, whatever is asked for.
 */
export class DirectoryListings {
  readonly #gate = new PacedGate();
  readonly #kept = new Map<string, Listing>();
  /** Readings that have not begun: what they find is not older than what asks for it now. */
  readonly #upcoming = new Map<string, Promise<Names>>();
  #keptEntries = 0;

  /** How many times a directory was read. */
  readings = 0;

  /**
   * The entries that have that name in any case; none if there is no such directory, or it may not be read.
   * @throws a system error (`code` EMFILE, EIO, …)
   */
  async like(directory: Buffer, name: Buffer): Promise<readonly Buffer[]> {
    const key = directory.toString("latin1");
    try {
      const { version } = await versionOf(directory);
      const kept = this.#kept.get(key);
      const isFresh = kept?.isSettled && kept.version === version && performance.now() - kept.readAt < KEEP_MS;
      const names = isFresh ? kept.names : await this.#readNext(directory, key);
      return (names.get(foldCase(name.toString("latin1"))) ?? []).map((entry) => Buffer.from(entry, "latin1"));
    } catch (error) {
      if (nothing.has((error as NodeJS.ErrnoException).code)) return [];
      throw error;
    }
  }

  #readNext(directory: Buffer, key: string): Promise<Names> {
    const upcoming = this.#upcoming.get(key);
    if (upcoming) return upcoming;
    const reading = this.#gate.through(() => {
      this.#upcoming.delete(key);
      return this.#read(directory, key);
    });
    this.#upcoming.set(key, reading);
    return reading;
  }

  async #read(directory: Buffer, key: string): Promise<Names> {
    this.readings++;
    const { version, changedMs } = await versionOf(directory);
    const isSettled = Math.abs(Date.now() - changedMs) > TICK_MS;
    const readAt = performance.now();
    const { names, count } = await readNames(directory);
    this.#keep(key, { names, count, version, isSettled, readAt });
    return names;
  }

  #keep(key: string, listing: Listing): void {
    this.#forget(key);
    if (!listing.isSettled) return;
    this.#kept.set(key, listing);
    this.#keptEntries += listing.count;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptEntries <= MAX_KEPT && this.#kept.size <= MAX_DIRECTORIES) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#keptEntries -= this.#kept.get(key)?.count ?? 0;
    this.#kept.delete(key);
  }
}

async function versionOf(directory: Buffer): Promise<Version> {
  const { dev, ino, mtimeNs, ctimeNs, mtimeMs, ctimeMs } = await statPath(directory);
  const changedMs = Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs);
  return { version: `${dev}:${ino}:${mtimeNs}:${ctimeNs}`, changedMs };
}

async function readNames(directory: Buffer): Promise<{ names: Names; count: number }> {
  const names = new Map<string, string[]>();
  let count = 0;
  // A promise for each entry: the event loop turns every 256.
  for await (const { name } of await opendir(directory, {
    encoding: "latin1",
    bufferSize: 256,
  })) {
    if (count >= MAX_ENTRIES) break;
    count++;
    const folded = foldCase(name);
    const same = names.get(folded);
    if (same) same.push(name);
    else names.set(folded, [name]);
  }
  return { names, count };
}
