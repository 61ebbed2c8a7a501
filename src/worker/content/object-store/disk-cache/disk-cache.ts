import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import * as fs from "node:fs";
import type { ContentFile } from "../../content.ts";
import type { FileMetadata } from "../../descriptor-file.ts";
import { closeFile, openFile, readSome, statOpen } from "../../fs.ts";
import { CacheDirectory } from "./cache-directory.ts";
import { digestsLength, type EntryKey, entryKey } from "./cache-entry.ts";
import { EntryFile } from "./entry-file.ts";
import { PartFile } from "./part-file.ts";

const setTimes = promisify(fs.futimes);

/**
 * Whole objects on disk. There is no index: an entry's name is made from its identity, its age is the time of its file,
 * and its file shows whether it is whole. So a restart finds all of it, and several servers may share the directory.
 */
export class DiskCache {
  readonly #directory: CacheDirectory;
  readonly #warn: (message: string, cause: unknown) => void;

  /** @throws a system error if the directory cannot be created, read, or written to. */
  static async open(
    path: string,
    maxBytes: number,
    warn: (message: string, cause: unknown) => void,
  ): Promise<DiskCache> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const directory = new CacheDirectory(path, maxBytes);
    await directory.tidy();
    return new DiskCache(directory, warn);
  }

  private constructor(directory: CacheDirectory, warn: (message: string, cause: unknown) => void) {
    this.#directory = directory;
    this.#warn = warn;
  }

  /**
   * The entry, open; undefined if there is none. One that is not whole is removed, and so is one whose content turns
   * out not to match its digests: what is read from then on comes from `openAgain`. Never rejects.
   */
  async find(metadata: FileMetadata, openAgain: () => ContentFile): Promise<ContentFile | undefined> {
    const key = entryKey(metadata.identity);
    const path = join(this.#directory.path, key.name);
    const fd = await openFile(Buffer.from(path), false).catch(() => undefined);
    if (fd === undefined) return undefined;
    try {
      const digests = await readDigests(fd, key, metadata.size);
      if (digests) {
        const now = new Date();
        await setTimes(fd, now, now);
        const onSpoiled = (cause: unknown): void => {
          this.#warn("a cache entry is damaged, and is fetched again", cause);
          unlink(path).catch(() => {});
        };
        return new EntryFile(fd, metadata, { digests, onSpoiled, openAgain });
      }
      await unlink(path);
    } catch (error) {
      this.#warn("a cache entry cannot be read", error);
    }
    await closeFile(fd);
    return undefined;
  }

  /** Begins an entry; undefined if it is too big, or the disk does not take it. Never rejects. */
  async begin({ identity, size }: FileMetadata, broken: () => void): Promise<PartFile | undefined> {
    const failed = (error: unknown): void => {
      this.#warn("the cache cannot be written to", error);
      broken();
    };
    try {
      if (!(await this.#directory.reserve(size))) return undefined;
      return await PartFile.create({ directory: this.#directory.path, key: entryKey(identity), size }, failed);
    } catch (error) {
      this.#directory.unreserve(size);
      this.#warn("the cache cannot be written to", error);
      return undefined;
    }
  }

  /** Ends what `begin` began: as an entry if all of it is there. Readers of the part may go on. Never rejects. */
  async end(part: PartFile, { size }: FileMetadata): Promise<void> {
    try {
      if (part.usable && part.whole) await part.publish();
    } catch (error) {
      this.#warn("a cache entry cannot be written", error);
    } finally {
      this.#directory.unreserve(size);
    }
  }
}

/** What stands between the content and the footer; undefined if the file is not a whole entry. */
async function readDigests(fd: number, { footer }: EntryKey, size: number): Promise<Buffer | undefined> {
  const stat = await statOpen(fd);
  const length = digestsLength(size);
  if (!stat.isFile() || stat.size !== BigInt(size + length + footer.length)) return undefined;
  const end = Buffer.alloc(length + footer.length);
  if ((await readSome(fd, end, 0, size)) !== end.length) return undefined;
  return end.subarray(length).equals(footer) ? end.subarray(0, length) : undefined;
}
