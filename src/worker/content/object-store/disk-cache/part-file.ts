import { type FileHandle, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { digestOf, digestPlaces, digestsLength, type EntryKey, partName } from "./cache-entry.ts";
import type { Extent } from "../extents.ts";
import type { ExtentStore } from "../extent-store.ts";
import { createFile, syncData } from "../../../../shared/files/new-file.ts";
import { nodeCrypto } from "../../../../shared/lazy-builtins.ts";

interface Wanted {
  readonly directory: string;
  readonly key: EntryKey;
  /** Of the content, in bytes. */
  readonly size: number;
}

interface Place extends Wanted {
  readonly path: string;
}

/**
 * A cache entry that is being written, in a file of its own. Only this object knows which extents are in it, so no
 * other server takes it for whole. Once it is whole it gets its name, and transfers that read from it go on.
 */
export class PartFile implements ExtentStore {
  readonly #place: Place;
  readonly #file: FileHandle;
  readonly #broken: (error: unknown) => void;
  /** The digest of each extent that is there, by its start. */
  readonly #there = new Map<number, Buffer>();
  #bytes = 0;
  #usable = true;
  #uses = 0;
  #unused: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param broken Called once, if the disk fails.
   * @throws a system error if the file cannot be created.
   */
  static async create(wanted: Wanted, broken: (error: unknown) => void): Promise<PartFile> {
    const path = join(wanted.directory, partName(wanted.key, nodeCrypto().randomBytes(8).toString("hex")));
    return new PartFile(
      { ...wanted, path },
      await createFile(path, { sync: true, mode: 0o600, readable: true }),
      broken,
    );
  }

  private constructor(place: Place, file: FileHandle, broken: (error: unknown) => void) {
    this.#place = place;
    this.#file = file;
    this.#broken = broken;
  }

  has({ start }: Extent): boolean {
    return this.#usable && this.#there.has(start);
  }

  async read(extent: Extent, offset: number, target: Uint8Array): Promise<number> {
    if (!this.has(extent)) return 0;
    return this.#using(async () => (await this.#file.read(target, 0, target.length, extent.start + offset)).bytesRead);
  }

  async put(extent: Extent, bytes: Uint8Array): Promise<void> {
    if (!this.#usable || this.#there.has(extent.start)) return;
    try {
      await this.#using(() => writeAll(this.#file, bytes, extent.start));
      this.#there.set(extent.start, digestOf(bytes));
      this.#bytes += bytes.length;
    } catch (error) {
      if (!this.#usable) return;
      this.#usable = false;
      this.#broken(error);
    }
  }

  /** All of it is there. */
  get whole(): boolean {
    return this.#bytes === this.#place.size;
  }

  /** Makes it an entry: on the disk first, then by its name. */
  async publish(): Promise<void> {
    const { directory, key, size, path } = this.#place;
    await this.#using(async () => {
      await writeAll(this.#file, Buffer.concat([this.#digests(), key.footer]), size);
      await syncData(this.#file);
      await rename(path, join(directory, key.name));
    });
  }

  /** Whether extents can still be put there. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Closes the file once it is not in use, and removes it if it was not published. Never rejects. */
  close(): Promise<void> {
    this.#usable = false;
    this.#closing ??= this.#end();
    return this.#closing;
  }

  #digests(): Buffer {
    const digests = Buffer.alloc(digestsLength(this.#place.size));
    for (const [start, place] of digestPlaces(this.#place.size)) this.#there.get(start)?.copy(digests, place);
    return digests;
  }

  async #end(): Promise<void> {
    if (this.#uses > 0) await new Promise<void>((resolve) => (this.#unused = resolve));
    await this.#file.close().catch(() => {});
    // Published, it is not there under this name.
    await unlink(this.#place.path).catch(() => {});
  }

  async #using<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#uses += 1;
    try {
      return await work();
    } finally {
      this.#uses -= 1;
      if (this.#uses === 0) this.#unused?.();
    }
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}
