import { beforeEach, describe, expect, test } from "vitest";
import type { SharedBlockCache } from "../../../../src/worker/content/blocks/block-cache.ts";
import type { BlockReader } from "../../../../src/worker/content/content.ts";
import {
  cacheOf,
  CHUNK,
  CHUNK_FRAMED,
  load,
  MemoryFile,
  MIB,
  patterned,
  receive,
  turn,
  type StillClock,
} from "../fixtures.ts";

let cache: SharedBlockCache;
let clock: StillClock;

beforeEach(() => {
  ({ cache, clock } = cacheOf());
});

/** Reads a file from its beginning to its end, and leaves. */
async function readThrough(identity: string, size: number = 3 * CHUNK - 1): Promise<void> {
  const reader = cache.reader(new MemoryFile(patterned(size), { identity }), 512, "octet");
  await receive(reader);
  reader.close();
}

describe("memory", () => {
  test("a chunk's memory is kept after the last reader for ten idle seconds, and then freed", async () => {
    await readThrough("a");
    clock.advance(9_999);
    expect(cache.usedBytes).toBeGreaterThan(3 * CHUNK);
    await readThrough("a");
    clock.advance(9_999);
    expect(cache.usedBytes).toBeGreaterThan(3 * CHUNK);
    clock.advance(1);
    expect(cache.usedBytes).toBe(0);
  });

  test("memory is not freed while a reader reads, and none is kept for chunks that no reader may share", async () => {
    const reader = cache.reader(new MemoryFile(patterned(10), { identity: "b" }), 512, "octet");
    await readThrough("a");
    const unshared = cache.reader(new MemoryFile(patterned(CHUNK)), 512, "octet");
    await receive(unshared);
    unshared.close();
    clock.advance(60_000);
    expect(cache.usedBytes).toBe(3 * CHUNK_FRAMED - 1);
    reader.close();
  });

  test("small files take the memory that they need, not a whole chunk", async () => {
    for (let file = 0; file < 10; file += 1) await readThrough(String(file), 100);
    expect(cache.usedBytes).toBe(10 * 104);
  });

  test("a translated file takes the memory that it needs, too", async () => {
    const reader = cache.reader(new MemoryFile(Buffer.from("a\n")), 512, "netascii");
    await load(reader, 1);
    expect(cache.usedBytes).toBe(7);
  });

  test("memory stays within the budget, and chunks unused the longest are given up", async () => {
    ({ cache } = cacheOf(10 * CHUNK_FRAMED));
    // Keeps a few chunks of its own, as readers beside it would.
    for (const identity of ["a", "b", "c", "b", "d"]) {
      await readThrough(identity);
      expect(cache.usedBytes).toBeLessThanOrEqual(10 * CHUNK_FRAMED);
    }
    const known = (identity: string) => {
      const reader = cache.reader(new MemoryFile(patterned(3 * CHUNK - 1), { identity }), 512, "octet");
      const chunk = reader.chunkWith(129);
      reader.close();
      return chunk !== undefined;
    };
    expect({ a: known("a"), b: known("b"), c: known("c"), d: known("d") }).toEqual({
      a: false,
      b: true,
      c: true,
      d: true,
    });
  });

  test("a chunk in use is not given up, and a reader that needs one gets it over the budget", async () => {
    ({ cache } = cacheOf(4 * CHUNK_FRAMED));
    const files = Array.from(
      { length: 12 },
      (_, file) => new MemoryFile(patterned(3 * CHUNK), { identity: `${file}` }),
    );
    const readers = files.map((file) => cache.reader(file, 512, "octet"));
    for (const reader of readers) await load(reader, 1);
    await turn();
    for (let round = 0; round < 3; round += 1) {
      for (const reader of readers) expect(reader.chunkWith(1)?.firstBlock).toBe(1);
      await turn();
    }
    // Each was read once; reading ahead never took the place of what is needed.
    for (const file of files) expect(file.reads.filter((position) => position === 0)).toHaveLength(1);
    for (const reader of readers) reader.close();
    await turn();
    expect(cache.usedBytes).toBeLessThanOrEqual(4 * CHUNK_FRAMED);
  });

  test("the memory of a transfer that breaks off is freed as that of any other", async () => {
    const reader = cache.reader(new MemoryFile(patterned(3 * CHUNK), { identity: "a" }), 512, "octet");
    await load(reader, 1);
    reader.chunkWith(1);
    await turn();
    reader.close();
    expect(cache.usedBytes).toBe(2 * CHUNK_FRAMED);
    clock.advance(10_000);
    expect(cache.usedBytes).toBe(0);
  });

  test("memory over the budget is given up as soon as it is not needed", async () => {
    ({ cache } = cacheOf(2 * 516));
    const readers = ["a", "b", "c", "d"].map((identity) =>
      cache.reader(new MemoryFile(patterned(5_000), { identity }), 512, "octet"),
    );
    for (const reader of readers) await load(reader, 1);
    expect(cache.usedBytes).toBe(4 * 516);
    for (const reader of readers) reader.close();
    expect(cache.usedBytes).toBe(2 * 516);
  });

  test("a kept chunk that is in use again is not given up", async () => {
    ({ cache } = cacheOf(3 * 516));
    await readThrough("a", 500);
    const again = cache.reader(new MemoryFile(patterned(500), { identity: "a" }), 512, "octet");
    expect(again.chunkWith(1)).toBeDefined();
    for (const identity of ["b", "c", "d", "e"]) await readThrough(identity, 500);
    const third = cache.reader(new MemoryFile(patterned(500), { identity: "a" }), 512, "octet");
    expect(third.chunkWith(1)).toBe(again.chunkWith(1));
  });

  test("memory of idle chunks makes room for reading ahead", async () => {
    ({ cache } = cacheOf(3 * 516));
    for (const identity of ["a", "b", "c"]) await readThrough(identity, 500);
    const file = new MemoryFile(patterned(5_000));
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 1);
    reader.chunkWith(1);
    expect(file.reads).toEqual([0, 512]);
    expect(cache.usedBytes).toBeLessThanOrEqual(3 * 516);
  });

  test("memory that a reader leaves is used for reading ahead, with the next block that is asked for", async () => {
    ({ cache } = cacheOf(3 * 516));
    const [leaving, file] = [new MemoryFile(patterned(5_000)), new MemoryFile(patterned(5_000))];
    const [leaver, reader] = [cache.reader(leaving, 512, "octet"), cache.reader(file, 512, "octet")];
    await load(leaver, 1);
    leaver.chunkWith(1);
    await load(reader, 1);
    reader.chunkWith(1);
    expect({ leaving: leaving.reads, file: file.reads }).toEqual({ leaving: [0, 512], file: [0] });
    await turn();
    leaver.close();
    reader.chunkWith(1);
    expect(file.reads).toEqual([0, 512]);
  });

  test("the memory of a thousand readers far apart stays at the budget, and none takes a chunk from another", async () => {
    ({ cache } = cacheOf(8 * MIB));
    const content = Buffer.alloc(12 * MIB);
    const files = Array.from({ length: 1_000 }, () => new MemoryFile(content, { identity: "image" }));
    const readers = files.map((file) => cache.reader(file, 512, "octet"));
    const { lastBlock } = readers[0]!;
    let most = 0;
    const walk = async (reader: BlockReader, index: number) => {
      const start = 1 + Math.floor((lastBlock! * index) / 1_000);
      for (let block = start; block < Math.min(start + 20, lastBlock!); block += 1) {
        if (!reader.chunkWith(block)) await load(reader, block);
        if (!reader.chunkWith(block)) throw new Error(`block ${block} is gone at once`);
        most = Math.max(most, cache.usedBytes);
        if (block % 4 === 0) await turn();
      }
    };
    await Promise.all(readers.map(walk));
    expect(most).toBeLessThanOrEqual(8 * MIB);
    // Twenty blocks in chunks of four lie in six at the most, and one more is read ahead.
    for (const { reads } of files) {
      expect(reads.length).toBeLessThanOrEqual(7);
      expect(new Set(reads).size).toBe(reads.length);
    }
    for (const reader of readers) reader.close();
  }, 30_000);
});
