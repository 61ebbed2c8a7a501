import type { SlabEntry } from "../../../shared/slab.ts";
import type { BlockReader, Chunk } from "../content.ts";
import type { FileLease } from "./file-lease.ts";
import type { SharedFile } from "./shared-file.ts";
import type { Slot } from "./slot.ts";

interface Waiter {
  slot: Slot;
  readonly done: (error?: unknown) => void;
}

/** One transfer's place in a shared file. It keeps two chunks from eviction: the one in use, and the next. */
export class SharedReader implements BlockReader {
  lastBlock: number | undefined;
  /** Its place among the cache's readers, which the cache sets. */
  entry: SlabEntry<SharedReader> | undefined;
  readonly #file: SharedFile;
  readonly #lease: FileLease;
  readonly #closed: (reader: SharedReader) => void;
  readonly #openedAt: number;
  /** One at most, as a rule. */
  #waiters: Waiter[] = [];
  #open = true;
  /** The chunk in use; `#current` is its slot. */
  #chunk: Chunk | undefined;
  #current: Slot | undefined;
  #next: Slot | undefined;
  /** The next chunk exists, and was neither found nor asked for. */
  #wantsNext = false;

  constructor(file: SharedFile, lease: FileLease, closed: (reader: SharedReader) => void) {
    this.#file = file;
    this.#lease = lease;
    this.#closed = closed;
    this.#openedAt = file.enter();
    const { size } = lease.file;
    // A size that is a multiple of the block size takes an empty block at the end (RFC 1350 section 6).
    if (size !== undefined) this.lastBlock = Math.floor(size / file.geometry.blockSize) + 1;
  }

  /** The hot path: for most ACKs it ends within its first three lines. */
  chunkWith(block: number): Chunk | undefined {
    const chunk = this.#chunk;
    if (chunk === undefined || block < chunk.firstBlock || block >= chunk.firstBlock + chunk.blockCount) {
      return this.#moveTo(block);
    }
    if (this.#wantsNext) this.#readAhead();
    return chunk;
  }

  load(block: number, done: (error?: unknown) => void): void {
    if (!(block >= 1 && block <= (this.lastBlock ?? Infinity))) {
      throw new RangeError(`block: expected 1 to ${this.lastBlock ?? "the last"}, got ${block}`);
    }
    if (!this.#open) return;
    const slot = this.#obtain(this.#indexOf(block));
    const waiter = { slot, done };
    this.#waiters.push(waiter);
    this.#waitFor(slot, waiter);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#lease.release();
    for (const { slot } of this.#waiters) this.#file.unpin(slot);
    if (this.#current) this.#file.unpin(this.#current);
    if (this.#next) this.#file.unpin(this.#next);
    this.#waiters = [];
    this.#chunk = this.#current = this.#next = undefined;
    this.#wantsNext = false;
    this.#file.leave(this.#lease);
    this.#closed(this);
  }

  #moveTo(block: number): Chunk | undefined {
    if (!this.#open) return undefined;
    const slot = this.#file.find(this.#indexOf(block), this.#openedAt);
    if (slot?.chunk === undefined || block >= slot.chunk.firstBlock + slot.chunk.blockCount) return undefined;
    this.#use(slot, slot.chunk);
    this.#readAhead();
    return slot.chunk;
  }

  /** Finds the chunk or begins to load it, and pins it. */
  #obtain(index: number): Slot {
    const slot = this.#file.find(index, this.#openedAt) ?? this.#file.load(index, this.#lease);
    this.#file.pin(slot);
    return slot;
  }

  #waitFor(slot: Slot, waiter: Waiter): void {
    slot.whenEnded((error) => {
      if (!this.#waiters.includes(waiter)) return;
      if (error !== undefined && slot.lease !== this.#lease) {
        // Another reader's file has failed; ours may do better.
        this.#file.unpin(slot);
        waiter.slot = this.#obtain(slot.index);
        return this.#waitFor(waiter.slot, waiter);
      }
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      if (slot.chunk) this.#use(slot, slot.chunk);
      this.#file.unpin(slot);
      waiter.done(error);
    });
  }

  #use(slot: Slot, chunk: Chunk): void {
    if (slot === this.#current) return;
    this.#file.pin(slot);
    if (this.#current) this.#file.unpin(this.#current);
    if (this.#next) this.#file.unpin(this.#next);
    this.#next = undefined;
    this.#current = slot;
    this.#chunk = chunk;
    this.#wantsNext = !chunk.final;
    if (chunk.final) this.lastBlock = chunk.firstBlock + chunk.blockCount - 1;
  }

  /** Without room it is tried again with the next ACK; a failure is left for `load` to meet and to tell. */
  #readAhead(): void {
    if (!this.#wantsNext || this.#current === undefined) return;
    const index = this.#current.index + 1;
    if (!this.#file.find(index, this.#openedAt) && !this.#file.hasRoomFor(index, this.#lease)) return;
    this.#wantsNext = false;
    this.#next = this.#obtain(index);
  }

  #indexOf(block: number): number {
    return Math.floor((block - 1) / this.#file.geometry.blocks);
  }
}
