import { beforeEach, describe, expect, test } from "vitest";
import type { SharedBlockCache } from "../../../../src/worker/content/blocks/block-cache.ts";
import type { BlockReader } from "../../../../src/worker/content/content.ts";
import {
  cacheOf,
  CHUNK,
  CHUNK_FRAMED,
  Gate,
  load,
  MemoryFile,
  patterned,
  receive,
  turn,
  type StillClock,
} from "../fixtures.ts";

let cache: SharedBlockCache;
let clock: StillClock;
let warnings: readonly unknown[];

beforeEach(() => {
  ({ cache, clock, warnings } = cacheOf());
});

/** The beginning of the block's data, as this reader gets it. */
function beginningOf(reader: BlockReader, block: number): string {
  const { bytes, firstBlock } = reader.chunkWith(block)!;
  const at = (block - firstBlock) * 516;
  return Buffer.from(bytes.subarray(at + 4, at + 40)).toString("hex");
}

describe("readers of the same content", () => {
  const content = patterned(3 * CHUNK);
  const sameFile = () => new MemoryFile(content, { identity: "same" });

  test("readers of the same content share one read of each chunk, whether it is under way or done", async () => {
    const files = Array.from({ length: 48 }, sameFile);
    const readers = files.map((file) => cache.reader(file, 512, "octet"));
    const received = await Promise.all(readers.map((reader) => receive(reader)));
    expect(received.every((bytes) => bytes.equals(content))).toBe(true);
    expect(new Set(files.flatMap((file) => file.reads))).toEqual(new Set([0, CHUNK, 2 * CHUNK]));
    expect(files.flatMap((file) => file.reads)).toHaveLength(3);
    const late = sameFile();
    const lateReader = cache.reader(late, 512, "octet");
    expect(lateReader.chunkWith(1)).toBe(readers[0]!.chunkWith(1));
    expect(late.reads).toEqual([]);
  });

  test.each([
    ["another block size", 1024, "octet", "same"],
    ["another mode", 512, "netascii", "same"],
    ["another content", 512, "octet", "other"],
    ["content of unknown identity", 512, "octet", undefined],
  ] as const)("readers share nothing with %s", async (_, blockSize, mode, identity) => {
    await load(cache.reader(sameFile(), 512, "octet"), 1);
    const file = new MemoryFile(content, identity === undefined ? {} : { identity });
    const reader = cache.reader(file, blockSize, mode);
    expect(reader.chunkWith(1)).toBeUndefined();
    await load(reader, 1);
    expect(file.reads[0]).toBe(0);
  });

  test("readers share nothing with readers whose block numbers wrap to another one", async () => {
    await load(cache.reader(sameFile(), 512, "octet", 0), 1);
    expect(cache.reader(sameFile(), 512, "octet", 0).chunkWith(1)).toBeDefined();
    expect(cache.reader(sameFile(), 512, "octet", 1).chunkWith(1)).toBeUndefined();
  });

  test("when a reader leaves during its read, the others get the chunk, and only then its file is closed", async () => {
    const { closed, open } = new Gate();
    const [file, otherFile] = [sameFile(), sameFile()];
    file.gate = closed;
    const [reader, other] = [cache.reader(file, 512, "octet"), cache.reader(otherFile, 512, "octet")];
    let called = false;
    reader.load(1, () => {
      called = true;
    });
    const loading = load(other, 1);
    reader.close();
    expect(file.closes).toBe(0);
    open();
    await loading;
    expect(other.chunkWith(1)?.firstBlock).toBe(1);
    expect({ called, closes: file.closes, reads: otherFile.reads }).toEqual({
      called: false,
      closes: 1,
      reads: [CHUNK],
    });
    expect(warnings).toEqual([]);
  });

  test("when a reader's file fails, the others read from their own", async () => {
    const { closed, open } = new Gate();
    const [file, otherFile] = [sameFile(), sameFile()];
    file.gate = closed;
    file.failure = new Error("ESTALE");
    const failing = load(cache.reader(file, 512, "octet"), 1);
    const other = cache.reader(otherFile, 512, "octet");
    const loading = load(other, 1);
    open();
    await expect(failing).rejects.toThrow("ESTALE");
    await loading;
    expect(otherFile.reads).toEqual([0]);
    expect(other.chunkWith(1)?.firstBlock).toBe(1);
  });

  test("readers are not delayed by a read that never ends once its reader has left", async () => {
    const hung = sameFile();
    hung.gate = new Promise(() => {});
    const reader = cache.reader(hung, 512, "octet");
    void load(reader, 1);
    const joined = cache.reader(sameFile(), 512, "octet");
    void load(joined, 1);
    reader.close();
    joined.close();
    const late = cache.reader(sameFile(), 512, "octet");
    await load(late, 1);
    expect(late.chunkWith(1)?.firstBlock).toBe(1);
    expect(hung.closes).toBe(0);
  });

  test("readers are not delayed by a read-ahead that never ends, and that its reader does not need any more", async () => {
    const file = sameFile();
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 257);
    await load(reader, 1);
    file.gate = new Promise(() => {});
    reader.chunkWith(1);
    reader.chunkWith(257);
    reader.close();
    const late = cache.reader(sameFile(), 512, "octet");
    await load(late, 129);
    expect(late.chunkWith(129)?.firstBlock).toBe(129);
  });
});

test("a read that never ends delays no other file", async () => {
  const hung = new MemoryFile(patterned(99), { identity: "hung" });
  hung.gate = new Promise(() => {});
  for (let count = 0; count < 100; count += 1) void load(cache.reader(hung, 512, "octet"), 1);
  const reader = cache.reader(new MemoryFile(patterned(99), { identity: "fine" }), 512, "octet");
  await load(reader, 1);
  expect(reader.chunkWith(1)?.final).toBe(true);
});

describe("content that has only just changed", () => {
  const [old, rewritten] = [patterned(3 * CHUNK), patterned(3 * CHUNK).fill(0x58)];
  const [oldBeginning, newBeginning] = [old, rewritten].map((bytes) => bytes.toString("hex", 0, 36));
  let settledFrom: number;
  const opened = (bytes: Buffer) => new MemoryFile(bytes, { identity: "same tick", settledFrom });

  beforeEach(() => {
    settledFrom = clock.now() + 1_500;
  });

  test("content that has only just changed is shared by all that had it open when it was read", async () => {
    const files = Array.from({ length: 48 }, () => opened(old));
    const readers = files.map((file) => cache.reader(file, 512, "octet"));
    await Promise.all(readers.map((reader) => receive(reader)));
    expect(files.flatMap((file) => file.reads)).toHaveLength(3);
  });

  test("content that has only just changed is read anew for readers that opened it later, which share that", async () => {
    const early = cache.reader(opened(old), 512, "octet");
    await load(early, 1);
    const [lateFile, latestFile] = [opened(rewritten), opened(rewritten)];
    const late = cache.reader(lateFile, 512, "octet");
    const latest = cache.reader(latestFile, 512, "octet");
    expect(late.chunkWith(1)).toBeUndefined();
    await load(late, 1);
    expect(beginningOf(late, 1)).toBe(newBeginning);
    expect(latest.chunkWith(1)).toBe(late.chunkWith(1));
    expect(lateFile.reads[0]).toBe(0);
    expect(latestFile.reads).toEqual([]);
    // What the early one holds stays as it is, until it asks elsewhere.
    expect(beginningOf(early, 1)).toBe(oldBeginning);
    for (const reader of [early, late, latest]) reader.close();
    await turn();
    expect(cache.usedBytes).toBe(0);
  });

  test("content that has only just changed is never taken from a read that began before", async () => {
    const { closed, open } = new Gate();
    const earlyFile = opened(old);
    earlyFile.gate = closed;
    const early = cache.reader(earlyFile, 512, "octet");
    const earlyLoad = load(early, 1);
    const late = cache.reader(opened(rewritten), 512, "octet");
    const lateLoad = load(late, 1);
    open();
    await Promise.all([earlyLoad, lateLoad]);
    expect(beginningOf(late, 1)).toBe(newBeginning);
    expect(beginningOf(early, 1)).toBe(oldBeginning);
  });

  test("content that has only just changed is forgotten with its last reader, but kept once it has settled", async () => {
    const reader = cache.reader(opened(old), 512, "octet");
    await load(reader, 1);
    clock.advance(1_500);
    await load(reader, 257);
    reader.close();
    expect(cache.usedBytes).toBe(CHUNK_FRAMED);
    const late = cache.reader(opened(old), 512, "octet");
    expect(late.chunkWith(1)).toBeUndefined();
    expect(late.chunkWith(257)?.firstBlock).toBe(257);
  });
});
