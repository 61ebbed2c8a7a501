import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type CacheClock, SharedBlockCache } from "../../../src/worker/content/blocks/block-cache.ts";
import {
  type BlockReader,
  type ContentFile,
  type FileName,
  Refused,
  type RequestContext,
} from "../../../src/worker/content/content.ts";
import { parseFileName } from "../../../src/worker/content/file-name.ts";

/** A directory of its own for the running test; without symlinks in its path. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "content-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function named(name: string | Uint8Array): FileName {
  return parseFileName(Buffer.from(name as string));
}

/** Of a request that asks for nothing in particular. */
export const requestContext: RequestContext = {
  client: { address: "192.0.2.17", port: 2_000 },
  local: { address: "192.0.2.1", port: 69 },
  mode: "octet",
  options: new Map(),
};

/** The whole file, and closes it. */
export async function contentOf(file: ContentFile): Promise<Buffer> {
  const target = Buffer.alloc(1_000_000);
  const count = await file.read(target, 0);
  await file.close();
  return target.subarray(0, count);
}

/** Why it was refused, "served" if it was not; anything else that is thrown fails the test. */
export async function verdict(opening: Promise<ContentFile>): Promise<string> {
  try {
    await (await opening).close();
    return "served";
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
}

export function load(reader: BlockReader, block: number): Promise<void> {
  return new Promise((resolve, reject) => {
    reader.load(block, (error) => (error === undefined ? resolve() : reject(error)));
  });
}

/** Lets everything that is due without I/O and timers happen. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Every byte tells where it stands. */
export function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (at * 31 + (at >>> 8) * 17 + (at >>> 16)) & 0xff;
  return bytes;
}

/** A file in memory that counts what is done with it, and can be told to hesitate or to fail. */
export class MemoryFile implements ContentFile {
  size: number | undefined;
  identity: string | undefined;
  settledFrom: number;
  bytes: Buffer;
  /** The positions that were read from, in order. */
  readonly reads: number[] = [];
  closes = 0;
  readsUnderWay = 0;
  /** A read waits for it, if there is one. */
  gate: Promise<void> | undefined;
  failure: Error | undefined;

  constructor(bytes: Buffer, { identity, settledFrom = 0 }: { identity?: string; settledFrom?: number } = {}) {
    this.bytes = bytes;
    this.size = bytes.length;
    this.identity = identity;
    this.settledFrom = settledFrom;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    if (this.closes > 0) throw new Error("read after close");
    this.reads.push(position);
    this.readsUnderWay += 1;
    const seen = Buffer.from(this.bytes.subarray(position, position + target.length));
    await this.gate;
    this.readsUnderWay -= 1;
    if (this.failure) throw this.failure;
    target.set(seen);
    return seen.length;
  }

  async close(): Promise<void> {
    if (this.readsUnderWay > 0) throw new Error("close during a read");
    this.closes += 1;
  }
}

/** Something to wait for, and what ends the wait. */
export class Gate {
  open!: () => void;
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.open = resolve;
  });
}

/** A clock that stands still until it is told to go on. */
export class StillClock implements CacheClock {
  #now = 1_000_000;
  readonly #timers = new Map<() => void, number>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    this.#timers.set(run, this.#now + ms);
    return () => this.#timers.delete(run);
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const [run, due] of this.#timers) if (due <= this.#now && this.#timers.delete(run)) run();
  }
}

/** With 512-byte blocks, 128 of them to the chunk. */
export const CHUNK: number = 128 * 512;
export const CHUNK_FRAMED: number = 128 * 516;
export const MIB: number = 1024 * 1024;

export interface CacheAtRest {
  readonly cache: SharedBlockCache;
  readonly clock: StillClock;
  readonly warnings: readonly unknown[];
}

/** A cache for the running test, which keeps chunks for ten idle seconds. */
export function cacheOf(budget: number = 16 * MIB): CacheAtRest {
  const clock = new StillClock();
  const warnings: unknown[] = [];
  const cache = new SharedBlockCache(budget, { clock, idleMs: 10_000, warn: (_, cause) => warnings.push(cause) });
  // Not waited for: a test may leave a read that never ends.
  onTestFinished(() => void cache.close());
  return { cache, clock, warnings };
}

/** Walks through the whole file as a transfer does, and puts the packets' data together again. */
export async function receive(reader: BlockReader, blockSize = 512): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let block = 1; ; block += 1) {
    if (!reader.chunkWith(block)) await load(reader, block);
    const chunk = reader.chunkWith(block)!;
    const at = (block - chunk.firstBlock) * (4 + blockSize);
    pieces.push(chunk.bytes.subarray(at + 4, at + 4 + blockSize));
    if (block === reader.lastBlock) return Buffer.concat(pieces);
  }
}
