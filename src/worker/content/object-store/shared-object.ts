import type { ObjectStat, StoreApi } from "../../../object-store/client/store-api.ts";
import { type Extent, extentAt, extentsFrom } from "./extents.ts";
import { type ExtentMemory, MemoryExtentStore } from "./memory-extent-store.ts";
import type { ExtentStore } from "./extent-store.ts";

/** How many extents are fetched before they are asked for: two hide a round trip to the store behind the transfer. */
const AHEAD = 2;

/** Reads part of an object, if it still is the one that `stat` described. */
export type ReadRange = StoreApi["read"];

interface SharedObjectDependencies {
  readonly key: string;
  readonly stat: ObjectStat;
  readonly readRange: ReadRange;
  readonly memory: ExtentMemory;
}

/** An extent on its way: fetched, then put on the store. */
interface Fetching {
  readonly bytes: Promise<Uint8Array>;
  readonly stored: Promise<void>;
}

/** The content of one object for all its transfers: each extent is fetched once, however many wait for it. */
export class SharedObject {
  readonly #dependencies: SharedObjectDependencies;
  readonly #fetching = new Map<number, Fetching>();
  #store: ExtentStore;

  /** Keeps its extents in memory until `keepOn` is called. */
  constructor(dependencies: SharedObjectDependencies) {
    this.#dependencies = dependencies;
    this.#store = new MemoryExtentStore(dependencies.memory);
  }

  /** In bytes. */
  get size(): number {
    return this.#dependencies.stat.size;
  }

  /** Keeps extents there from now on. It does not read ahead any more: the cache filler fetches them all. */
  keepOn(store: ExtentStore): void {
    const old = this.#store;
    this.#store = store;
    if (old instanceof MemoryExtentStore) {
      for (const [extent, bytes] of old.kept) this.#track(extent, Promise.resolve(bytes), false);
    }
    void old.close();
  }

  /** Back to memory: the other store is of no use any more. */
  keepInMemory(): void {
    this.keepOn(new MemoryExtentStore(this.#dependencies.memory));
  }

  /** As `ContentFile.read`. */
  async read(target: Uint8Array, position: number): Promise<number> {
    const wanted = target.subarray(0, Math.max(0, this.size - position));
    let filled = 0;
    while (filled < wanted.length) filled += await this.#readSome(wanted.subarray(filled), position + filled);
    return filled;
  }

  /** Resolves once the extent is on the store, whether there is memory for its way there or not. */
  async bring(extent: Extent): Promise<void> {
    if (this.#store.has(extent)) return;
    const { stored } =
      this.#fetching.get(extent.start) ?? this.#begin(extent, this.#dependencies.memory.tryTake(extent.length));
    await stored;
  }

  /** To be called when no transfer reads it any more. */
  close(): Promise<void> {
    return this.#store.close();
  }

  /** Fills `target` up to the end of the extent. */
  async #readSome(target: Uint8Array, position: number): Promise<number> {
    const extent = extentAt(position, this.size);
    const offset = position - extent.start;
    const part = target.subarray(0, extent.length - offset);
    const kept = await this.#store.read(extent, offset, part);
    if (kept > 0) {
      this.#readAhead(extent);
      return kept;
    }
    const fetching = this.#fetch(extent);
    // Afterwards: what a transfer waits for has the line to itself. A failure is thrown below.
    fetching?.then(
      () => this.#readAhead(extent),
      () => {},
    );
    // With too many objects at once whole extents do not fit: then only what is needed now is fetched.
    const bytes = (await fetching) ?? (await this.#request({ start: position, length: part.length }));
    part.set(fetching ? bytes.subarray(offset, offset + part.length) : bytes);
    return part.length;
  }

  #readAhead({ start, length }: Extent): void {
    if (!(this.#store instanceof MemoryExtentStore)) return;
    let ahead = 0;
    for (const extent of extentsFrom(start + length, this.size)) {
      if ((ahead += 1) > AHEAD) return;
      // If it fails, the transfer that needs the extent asks the store again, and gets the error.
      if (!this.#store.has(extent)) this.#fetch(extent)?.catch(() => {});
    }
  }

  /** Joins the request that is under way, or makes one; undefined if there is no memory for it. */
  #fetch(extent: Extent): Promise<Uint8Array> | undefined {
    const known = this.#fetching.get(extent.start);
    if (known) return known.bytes;
    return this.#dependencies.memory.tryTake(extent.length) ? this.#begin(extent, true).bytes : undefined;
  }

  #begin(extent: Extent, counted: boolean): Fetching {
    return this.#track(extent, this.#request(extent), counted);
  }

  #track(extent: Extent, bytes: Promise<Uint8Array>, counted: boolean): Fetching {
    const stored = this.#keep(extent, bytes, counted);
    // The callers that wait for it report the failure.
    stored.catch(() => {});
    const fetching = { bytes, stored };
    this.#fetching.set(extent.start, fetching);
    return fetching;
  }

  /** It counts as on its way until it is on the store: so it is never fetched twice. */
  async #keep(extent: Extent, fetched: Promise<Uint8Array>, counted: boolean): Promise<void> {
    try {
      const bytes = await fetched.finally(() => counted && this.#dependencies.memory.give(extent.length));
      await this.#store.put(extent, bytes);
    } finally {
      this.#fetching.delete(extent.start);
    }
  }

  #request({ start, length }: Extent): Promise<Uint8Array> {
    return this.#dependencies.readRange(this.#dependencies.key, this.#dependencies.stat, start, length);
  }
}
