import type { FileMetadata } from "../../descriptor-file.ts";
import type { DiskCache } from "./disk-cache.ts";
import { extentsFrom } from "../extents.ts";
import type { PartFile } from "./part-file.ts";
import type { SharedObject } from "../shared-object.ts";

/**
 * At most this many objects are brought into the cache at once; the others are read without it until their turn comes.
 */
const OBJECTS_AT_ONCE = 4;

/** At most this many requests for each of them are under way at once, to hide the store's round trips. */
const REQUESTS_AT_ONCE = 2;

/**
 * Brings objects into the disk cache: whole, and to the end even if the client that asked goes away. Transfers of the
 * object share what arrives meanwhile, and are served out of order if they are ahead of it.
 */
export class CacheFiller {
  readonly #cache: DiskCache;
  readonly #running = new Set<Promise<void>>();
  readonly #queue: (() => Promise<void>)[] = [];
  #closed = false;

  constructor(cache: DiskCache) {
    this.#cache = cache;
  }

  /** @param done Called when it is over, in whatever way. */
  add(object: SharedObject, metadata: FileMetadata, done: () => void): void {
    this.#queue.push(() => this.#bring(object, metadata).finally(done));
    this.#startNext();
  }

  /** The store is closed: what is under way fails at once. Resolves when nothing is left of it. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#running);
  }

  #startNext(): void {
    if (this.#closed || this.#running.size >= OBJECTS_AT_ONCE) return;
    const next = this.#queue.shift();
    if (!next) return;
    const running = next().finally(() => {
      this.#running.delete(running);
      this.#startNext();
    });
    this.#running.add(running);
  }

  async #bring(object: SharedObject, metadata: FileMetadata): Promise<void> {
    const part = await this.#cache.begin(metadata, () => object.keepInMemory());
    if (!part) return;
    object.keepOn(part);
    try {
      const extents = extentsFrom(0, metadata.size);
      // All of them take from the same list.
      await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, () => bringAll(object, part, extents)));
    } catch {
      // A transfer of the object meets the same failure and reports it; for the cache alone nothing is reported.
      object.keepInMemory();
    }
    await this.#cache.end(part, metadata);
  }
}

async function bringAll(object: SharedObject, part: PartFile, extents: ReturnType<typeof extentsFrom>): Promise<void> {
  for (const extent of extents) {
    if (!part.usable) return;
    await object.bring(extent);
  }
}
