import type { SlabEntry } from "../../../shared/slab.ts";
import type { BlockReader, Chunk } from "../content.ts";
import type { FileLease } from "./file-lease.ts";
import { withoutLastBlock } from "./framing.ts";
import type { SharedFile } from "./shared-file.ts";
import type { Slot } from "./slot.ts";

interface Waiter {
  readonly block: number;
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
  /** The chunk in use, without its last block while that is held back; `#current` is its slot. */
  #chunk: Chunk | undefined;
  #current: Slot | undefined;
  #next: Slot | undefined;
  /** The last block may leave: the file was found unchanged, or cannot change. */
  #mayEnd: boolean;
  /** The next chunk exists, and was neither found nor asked for. */
  #wantsNext = false;

  constructor(file: SharedFile, lease: FileLease, closed: (reader: SharedReader) => void) {
    this.#file = file;
    this.#lease = lease;
    this.#closed = closed;
    this.#openedAt = file.enter();
    const { size } = lease.file;
    this.#mayEnd = lease.file.verify === undefined;
    // A size that is a multiple of the block size takes an empty block at the end (RFC 1350 section 6).
    if (size !== undefined) this.lastBlock = Math.floor(size / file.geometry.blockSize) + 1;
  }

  /** The hot path: for most ACKs it ends within its first three lines. */
  chunkWith(block: number): Chunk | undefined {
    const chunk = this.#chunk;
    if (!holds(chunk, block)) return this.#moveTo(block);
    if (this.#wantsNext) this.#readAhead();
    return chunk;
  }

  load(block: number, done: (error?: unknown) => void): void {
    if (!(block >= 1 && block <= (this.lastBlock ?? Infinity))) {
      throw new RangeError(`block: expected 1 to ${this.lastBlock ?? "the last"}, got ${block}`);
    }
    if (!this.#open) return;
    const slot = this.#obtain(this.#indexOf(block));
    const waiter = { block, slot, done };
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
    if (slot === undefined || !holds(slot.chunk, block)) return undefined;
    this.#use(slot, slot.chunk);
    this.#readAhead();
    if (!holds(this.#chunk, block) && this.#lease.file.verifyNow?.() === true) this.#letEnd();
    return holds(this.#chunk, block) ? this.#chunk : undefined;
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
      if (slot.chunk) this.#use(slot, slot.chunk);
      if (holds(slot.chunk, waiter.block) && !holds(this.#chunk, waiter.block)) this.#verify(waiter);
      else this.#finish(waiter, error);
    });
  }

  #finish(waiter: Waiter, error: unknown): void {
    if (!this.#waiters.includes(waiter)) return;
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    this.#file.unpin(waiter.slot);
    waiter.done(error);
  }

  /** The last block is in memory, and is let go if the file is still what it was when it was opened. */
  #verify(waiter: Waiter): void {
    const verified = this.#lease.file.verify?.() ?? Promise.resolve();
    verified.then(
      () => {
        this.#letEnd();
        this.#finish(waiter, undefined);
      },
      (error: unknown) => this.#finish(waiter, error),
    );
  }

  #letEnd(): void {
    this.#mayEnd = true;
    if (this.#current?.chunk) this.#chunk = this.#current.chunk;
  }

  #use(slot: Slot, chunk: Chunk): void {
    if (slot === this.#current) return;
    this.#file.pin(slot);
    if (this.#current) this.#file.unpin(this.#current);
    if (this.#next) this.#file.unpin(this.#next);
    this.#next = undefined;
    this.#current = slot;
    this.#chunk = chunk.final && !this.#mayEnd ? withoutLastBlock(chunk, this.#file.geometry) : chunk;
    this.#wantsNext = !chunk.final;
    if (chunk.final) this.lastBlock = chunk.firstBlock + chunk.blockCount - 1;
  }

  /** Reads ahead if there is room, else with the next ACK. A failure is not reported here: `load` meets it again. */
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

function holds(chunk: Chunk | undefined, block: number): chunk is Chunk {
  return chunk !== undefined && block >= chunk.firstBlock && block < chunk.firstBlock + chunk.blockCount;
}
