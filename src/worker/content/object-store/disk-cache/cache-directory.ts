import { constants } from "node:fs";
import { access, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { assertTrustedDirectory } from "../../../../shared/files/trust.ts";
import { isEntryName, isPartName } from "./cache-entry.ts";

/** A part that was not written to for this long was left behind by a server that died, in ms. */
const ABANDONED_MS = 3_600_000;

interface Found {
  readonly path: string;
  readonly bytes: number;
  /** Of an entry its last use, of a part its last write; in milliseconds since the epoch. */
  readonly touchedAt: number;
}

/** The directory of a disk cache, within its limit. Whatever in it is not the cache's stays untouched. */
export class CacheDirectory {
  readonly path: string;
  readonly #maxBytes: number;
  /** Of what is being written by this server. */
  #reserved = 0;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /**
   * Removes what dead servers have left, and what is over the limit.
   * @throws {Error} If the directory cannot be read or written to (a system error), or others own it or may write to
   *   it: they could have boards boot what they like.
   */
  async tidy(): Promise<void> {
    await assertTrustedDirectory(this.path);
    await access(this.path, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const part of await this.#list(isPartName)) {
      if (Date.now() - part.touchedAt > ABANDONED_MS) await remove(part);
    }
    await this.#evictDownTo(this.#maxBytes);
  }

  /** Makes room for an entry; false if it is bigger than what all may take together. */
  async reserve(bytes: number): Promise<boolean> {
    this.#reserved += bytes;
    if (bytes > this.#maxBytes) {
      this.unreserve(bytes);
      return false;
    }
    // One after the other, or each would evict for itself.
    const turn = this.#queue.then(() => this.#evictDownTo(this.#maxBytes - this.#reserved));
    this.#queue = turn.catch(() => {});
    await turn;
    return true;
  }

  /** It is an entry by now, and counted as such, or it was given up. */
  unreserve(bytes: number): void {
    this.#reserved -= bytes;
  }

  /** Removes entries from the one on that was used the longest ago. Other servers may do so at the same time. */
  async #evictDownTo(limit: number): Promise<void> {
    const entries = await this.#list(isEntryName);
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const entry of entries.sort((one, other) => one.touchedAt - other.touchedAt)) {
      if (total <= limit) return;
      await remove(entry);
      total -= entry.bytes;
    }
  }

  async #list(isOurs: (name: string) => boolean): Promise<Found[]> {
    const names = (await readdir(this.path)).filter(isOurs);
    const found = names.map(async (name) => {
      const path = join(this.path, name);
      // Another server may have removed it meanwhile.
      const there = await stat(path).catch(() => undefined);
      return there ? [{ path, bytes: there.size, touchedAt: there.mtimeMs }] : [];
    });
    return (await Promise.all(found)).flat();
  }
}

async function remove({ path }: Found): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
