import type { ItemOwner, MemoryBudget } from "../memory-budget.ts";
import type { Extent } from "./extents.ts";
import type { ExtentStore } from "./extent-store.ts";

/** An extent in memory. */
interface KeptExtent {
  readonly extent: Extent;
  readonly content: Uint8Array;
  readonly bytes: number;
}

/** The memory that the extents of all objects share. */
export type ExtentMemory = MemoryBudget<KeptExtent>;

/** Extents in memory, as long as there is room and the object is open. */
export class MemoryExtentStore implements ExtentStore, ItemOwner<KeptExtent> {
  readonly #memory: ExtentMemory;
  readonly #kept = new Map<number, KeptExtent>();
  #closed = false;

  constructor(memory: ExtentMemory) {
    this.#memory = memory;
  }

  /** All that is there. */
  get kept(): [extent: Extent, content: Uint8Array][] {
    return Array.from(this.#kept.values(), ({ extent, content }) => [extent, content]);
  }

  has({ start }: Extent): boolean {
    return this.#kept.has(start);
  }

  async read({ start }: Extent, offset: number, target: Uint8Array): Promise<number> {
    const kept = this.#kept.get(start);
    if (!kept) return 0;
    this.#memory.touch(kept);
    const part = kept.content.subarray(offset, offset + target.length);
    target.set(part);
    return part.length;
  }

  async put(extent: Extent, content: Uint8Array): Promise<void> {
    const { start } = extent;
    if (this.#closed || this.#kept.has(start) || !this.#memory.tryTake(content.length)) return;
    const kept = { extent, content, bytes: content.length };
    this.#kept.set(start, kept);
    this.#memory.setIdle(kept, this);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const kept of this.#kept.values()) this.evict(kept);
  }

  evict(kept: KeptExtent): void {
    this.#kept.delete(kept.extent.start);
    this.#memory.setBusy(kept);
    this.#memory.give(kept.bytes);
  }
}
