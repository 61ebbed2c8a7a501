import type { ItemOwner, MemoryBudget } from "../memory-budget.ts";
import type { Chunk } from "../content.ts";
import type { FileLease } from "./file-lease.ts";
import { framedLength, type Geometry } from "./framing.ts";
import { loadChunk, payloadOf } from "./load-chunk.ts";
import { Slot } from "./slot.ts";

/** What all shared files have in common. */
export interface SharedFileDependencies {
  readonly memory: MemoryBudget<Slot>;
  /** Numbers openings and reads in the order in which they happen. */
  readonly order: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The chunks of one content in one mode and geometry, for all its readers. */
export class SharedFile implements ItemOwner<Slot> {
  readonly geometry: Geometry;
  readonly #dependencies: SharedFileDependencies;
  readonly #abandoned: (file: SharedFile) => void;
  readonly #slots = new Map<number, Slot>();
  #readers = 0;

  /** `abandoned` is called when neither readers nor chunks are left. */
  constructor(geometry: Geometry, dependencies: SharedFileDependencies, abandoned: (file: SharedFile) => void) {
    this.geometry = geometry;
    this.#dependencies = dependencies;
    this.#abandoned = abandoned;
  }

  /** Counts one reader more, which has just opened the file. Returns the number of that opening, for `find`. */
  enter(): number {
    this.#readers += 1;
    return this.#dependencies.order();
  }

  /** A reader has released its file and all its pins. */
  leave(lease: FileLease): void {
    this.#readers -= 1;
    // A read without a waiting reader may never end. It must not make later readers wait: they load the chunk anew.
    for (const slot of lease.loading) if (slot.pins === 0) this.#unlist(slot);
    if (this.#readers > 0) return;
    // No later reader may have these, see `find`.
    for (const slot of this.#slots.values()) if (!slot.settled) this.#unlist(slot);
    this.#checkAbandoned();
  }

  /** The slot of that chunk, if a reader that opened the file at `openedAt` may have it. */
  find(index: number, openedAt: number): Slot | undefined {
    const slot = this.#slots.get(index);
    return slot !== undefined && (slot.settled || slot.readAt > openedAt) ? slot : undefined;
  }

  /** Whether the chunk can be read ahead without taking memory from a reader that needs it. */
  hasRoomFor(index: number, lease: FileLease): boolean {
    return this.#dependencies.memory.fits(this.#plannedBytes(index, lease));
  }

  /** Begins to load a chunk, in place of one that `find` does not give out. */
  load(index: number, lease: FileLease): Slot {
    const { memory, order, now } = this.#dependencies;
    const outdated = this.#slots.get(index);
    if (outdated) this.#unlist(outdated);
    const bytes = this.#plannedBytes(index, lease);
    const { identity, settledFrom } = lease.file;
    const settled = identity !== undefined && now() >= settledFrom;
    const slot = new Slot({ index, lease, readAt: order(), settled, bytes });
    this.#slots.set(index, slot);
    memory.take(bytes);
    lease.readBegins(slot);
    loadChunk(lease.file, index, this.geometry).then(
      (chunk) => this.#loaded(slot, chunk),
      (error: unknown) => this.#failed(slot, error),
    );
    return slot;
  }

  pin(slot: Slot): void {
    slot.pins += 1;
    this.#dependencies.memory.setBusy(slot);
  }

  unpin(slot: Slot): void {
    slot.pins -= 1;
    if (slot.pins > 0) return;
    if (slot.chunk) this.#rest(slot);
    else if (slot.loading && slot.lease.released) this.#unlist(slot);
  }

  evict(slot: Slot): void {
    this.#unlist(slot);
    this.#checkAbandoned();
  }

  #loaded(slot: Slot, chunk: Chunk): void {
    const spare = slot.bytes - chunk.bytes.length;
    slot.bytes = chunk.bytes.length;
    this.#dependencies.memory.give(spare);
    slot.lease.readEnded(slot);
    slot.end(chunk);
    if (slot.pins === 0) this.#rest(slot);
    slot.notify(undefined);
  }

  #failed(slot: Slot, error: unknown): void {
    this.#unlist(slot);
    this.#dependencies.memory.give(slot.bytes);
    slot.lease.readEnded(slot);
    slot.end(undefined);
    slot.notify(error);
    this.#checkAbandoned();
  }

  /** Called once the chunk is loaded and no reader needs it. */
  #rest(slot: Slot): void {
    if (slot.listed) this.#dependencies.memory.setIdle(slot, this);
    else this.#dependencies.memory.give(slot.bytes);
  }

  /** `find` returns it no more; its memory is given back now, or once it is loaded and no reader needs it. */
  #unlist(slot: Slot): void {
    if (!slot.listed) return;
    slot.listed = false;
    this.#slots.delete(slot.index);
    if (slot.chunk === undefined || slot.pins > 0) return;
    this.#dependencies.memory.setBusy(slot);
    this.#dependencies.memory.give(slot.bytes);
  }

  #plannedBytes(index: number, { file }: FileLease): number {
    return framedLength(payloadOf(file, index, this.geometry), this.geometry);
  }

  #checkAbandoned(): void {
    if (this.#readers === 0 && this.#slots.size === 0) this.#abandoned(this);
  }
}
