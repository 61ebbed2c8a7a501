import type { Extent } from "./extents.ts";
import type { Evict, ExtentMemory } from "./extent-memory.ts";
import type { ExtentStore } from "./extent-store.ts";

interface Kept {
  readonly extent: Extent;
  readonly bytes: Uint8Array;
  readonly evict: Evict;
}

/** Extents in memory, as long as there is room and the object is open. */
export class MemoryExtentStore implements ExtentStore {
  readonly #memory: ExtentMemory;
  readonly #kept = new Map<number, Kept>();
  #closed = false;

  constructor(memory: ExtentMemory) {
    this.#memory = memory;
  }

  /** All that is there. */
  get kept(): [extent: Extent, bytes: Uint8Array][] {
    return Array.from(this.#kept.values(), ({ extent, bytes }) => [extent, bytes]);
  }

  has({ start }: Extent): boolean {
    return this.#kept.has(start);
  }

  async read({ start }: Extent, offset: number, target: Uint8Array): Promise<number> {
    const kept = this.#kept.get(start);
    if (!kept) return 0;
    this.#memory.touch(kept.evict);
    const part = kept.bytes.subarray(offset, offset + target.length);
    target.set(part);
    return part.length;
  }

  async put(extent: Extent, bytes: Uint8Array): Promise<void> {
    const { start } = extent;
    if (this.#closed || this.#kept.has(start) || !this.#memory.take(bytes.length)) return;
    const evict = (): void => this.#evict(start);
    this.#kept.set(start, { extent, bytes, evict });
    this.#memory.keep(evict, bytes.length);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const start of this.#kept.keys()) this.#evict(start);
  }

  #evict(start: number): void {
    const kept = this.#kept.get(start);
    this.#kept.delete(start);
    if (kept) this.#memory.drop(kept.evict);
  }
}
