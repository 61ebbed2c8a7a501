import type { TransferMode } from "../../../contract/events/events.ts";
import { Slab } from "../../../shared/slab.ts";
import type { Rollover } from "../../protocol/block-number.ts";
import type { BlockCache, BlockReader, ContentFile } from "../content.ts";
import { MemoryBudget } from "../memory-budget.ts";
import { FileLease } from "./file-lease.ts";
import { CHUNK_BYTES, type Geometry, geometryFor } from "./framing.ts";
import { NetasciiFile } from "./netascii.ts";
import { SharedFile, type SharedFileDependencies } from "./shared-file.ts";
import { SharedReader } from "./shared-reader.ts";

/** Time as the cache needs it. */
export interface CacheClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, after `ms` milliseconds, and does not keep the thread alive for it. Returns how to cancel. */
  after(ms: number, run: () => void): () => void;
}

export interface BlockCacheOptions {
  /** Called with errors that reach no caller: a file that could not be closed. Default: ignored. */
  readonly warn?: (message: string, cause: unknown) => void;
  /** How long chunks are kept when no reader is left, in milliseconds. Default 10000. */
  readonly idleMs?: number;
  readonly clock?: CacheClock;
}

const systemClock: CacheClock = {
  now: Date.now,
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Shared read-ahead within a budget of memory. What readers use right now is held even if it exceeds the budget. */
export class SharedBlockCache implements BlockCache {
  readonly #budget: number;
  readonly #warn: (message: string, cause: unknown) => void;
  readonly #idleMs: number;
  readonly #clock: CacheClock;
  readonly #dependencies: SharedFileDependencies;
  readonly #files = new Map<string, SharedFile>();
  readonly #readers = new Slab<SharedReader>();
  /** How many files are not closed yet. */
  #openFiles = 0;
  #allClosed: (() => void) | undefined;
  #events = 0;
  #cancelDrop: (() => void) | undefined;

  /** @param budgetBytes For all chunks together, those on their way included. */
  constructor(budgetBytes: number, { warn = () => {}, idleMs = 10_000, clock = systemClock }: BlockCacheOptions = {}) {
    this.#budget = budgetBytes;
    this.#warn = warn;
    this.#idleMs = idleMs;
    this.#clock = clock;
    const order = () => (this.#events += 1);
    this.#dependencies = { memory: new MemoryBudget(budgetBytes), order, now: () => clock.now() };
  }

  /** Memory that chunks take now, in bytes. */
  get usedBytes(): number {
    return this.#dependencies.memory.usedBytes;
  }

  reader(file: ContentFile, blockSize: number, mode: TransferMode, rollover: Rollover = 0): BlockReader {
    this.#cancelDrop?.();
    this.#cancelDrop = undefined;
    const shared = this.#shared(file.identity, mode, this.#geometry(blockSize, rollover));
    const translated = mode === "netascii" ? new NetasciiFile(file) : file;
    const lease = new FileLease(translated, this.#fileClosed);
    this.#openFiles += 1;
    const reader = new SharedReader(shared, lease, this.#left);
    reader.entry = this.#readers.add(reader);
    return reader;
  }

  /** Closes all readers, too. */
  async close(): Promise<void> {
    for (const reader of this.#readers) reader.close();
    this.#drop();
    if (this.#openFiles > 0) await new Promise<void>((resolve) => (this.#allClosed = resolve));
  }

  /**
   * Chunks shrink as readers grow in number. Each reader may pin a chunk that no other reader shares, and with a
   * quarter of the budget for each doubling of their number the budget still holds what a thousand of them pin.
   */
  #geometry(blockSize: number, rollover: Rollover): Geometry {
    return geometryFor(blockSize, rollover, Math.min(CHUNK_BYTES, this.#budget / (4 * (this.#readers.size + 1))));
  }

  #shared(identity: string | undefined, mode: TransferMode, geometry: Geometry): SharedFile {
    if (identity === undefined) return new SharedFile(geometry, this.#dependencies, () => {});
    const { blockSize, blocks, rollover } = geometry;
    const key = `${mode} ${blockSize} ${blocks} ${rollover} ${identity}`;
    const known = this.#files.get(key);
    if (known) return known;
    const file = new SharedFile(geometry, this.#dependencies, (abandoned) => {
      // By now another one may bear that name.
      if (this.#files.get(key) === abandoned) this.#files.delete(key);
    });
    this.#files.set(key, file);
    return file;
  }

  readonly #left = ({ entry }: SharedReader): void => {
    if (entry) this.#readers.delete(entry);
    if (this.#readers.size > 0) return;
    this.#cancelDrop = this.#clock.after(this.#idleMs, () => this.#drop());
  };

  readonly #fileClosed = (error?: unknown): void => {
    if (error !== undefined) this.#warn("a file could not be closed", error);
    this.#openFiles -= 1;
    if (this.#openFiles === 0) this.#allClosed?.();
  };

  #drop(): void {
    this.#cancelDrop?.();
    this.#cancelDrop = undefined;
    this.#dependencies.memory.evictIdle();
  }
}
