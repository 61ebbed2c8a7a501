import { beforeEach, describe, expect, test } from "vitest";
import type { SharedBlockCache } from "../../../../src/worker/content/blocks/block-cache.ts";
import type { ContentFile } from "../../../../src/worker/content/content.ts";
import { cacheOf, CHUNK, CHUNK_FRAMED, Gate, load, MemoryFile, patterned, receive, turn } from "../fixtures.ts";

let cache: SharedBlockCache;
let warnings: readonly unknown[];

beforeEach(() => {
  ({ cache, warnings } = cacheOf());
});

describe("one reader", () => {
  test.each([0, 1, 511, 512, 513, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 200_000])(
    "a reader gets a file of %i bytes, each chunk of it read once",
    async (size) => {
      const content = patterned(size);
      const file = new MemoryFile(content, { identity: "a" });
      const reader = cache.reader(file, 512, "octet");
      expect(reader.lastBlock).toBe(Math.floor(size / 512) + 1);
      expect((await receive(reader)).equals(content)).toBe(true);
      expect(file.reads).toEqual(Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => index * CHUNK));
      reader.close();
      expect(file.closes).toBe(1);
    },
  );

  test("a reader finds the next chunk read ahead, and nothing beyond it or the end", async () => {
    const file = new MemoryFile(patterned(3 * CHUNK - 5), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    expect(reader.chunkWith(1)).toBeUndefined();
    expect(file.reads).toEqual([]);
    await load(reader, 1);
    reader.chunkWith(1);
    reader.chunkWith(2);
    await turn();
    expect(file.reads).toEqual([0, CHUNK]);
    expect(reader.chunkWith(129)?.firstBlock).toBe(129);
    await turn();
    expect(reader.chunkWith(257)?.final).toBe(true);
    reader.chunkWith(384);
    await turn();
    expect(file.reads).toEqual([0, CHUNK, 2 * CHUNK]);
    expect(reader.chunkWith(385)).toBeUndefined();
  });

  test("a reader reads ahead only once, however often it asks while that is under way", async () => {
    const file = new MemoryFile(patterned(4 * CHUNK), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 1);
    file.gate = new Promise(() => {});
    for (let block = 1; block <= 128; block += 1) reader.chunkWith(block);
    expect(file.reads).toEqual([0, CHUNK]);
    expect(reader.chunkWith(129)).toBeUndefined();
    void load(reader, 129);
    expect(file.reads).toEqual([0, CHUNK]);
  });

  test.each([
    { answer: true, result: "is there at once" },
    { answer: false, result: "has to be loaded" },
  ])("the last block $result if the file says $answer at once to being unchanged", async ({ answer }) => {
    const file: ContentFile = Object.assign(new MemoryFile(patterned(700), { identity: "a" }), {
      verify: async () => {},
      verifyNow: () => answer,
    });
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 1);
    expect(reader.chunkWith(1)).toBeDefined();
    expect(reader.chunkWith(2) !== undefined).toBe(answer);
    await load(reader, 2);
    expect(reader.chunkWith(2)?.final).toBe(true);
  });

  test("a reader may go back and forth over a chunk's border without a further read", async () => {
    const file = new MemoryFile(patterned(3 * CHUNK), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 1);
    reader.chunkWith(128);
    await turn();
    for (let round = 0; round < 5; round += 1) {
      expect(reader.chunkWith(129)?.firstBlock).toBe(129);
      expect(reader.chunkWith(128)?.firstBlock).toBe(1);
      await turn();
    }
    expect(file.reads).toEqual([0, CHUNK, 2 * CHUNK]);
  });

  test("a reader is called back after load has returned, even if the chunk is in memory", async () => {
    const reader = cache.reader(new MemoryFile(patterned(9), { identity: "a" }), 512, "octet");
    await load(reader, 1);
    let returned = false;
    const done = new Promise<boolean>((resolve) => {
      reader.load(1, () => resolve(returned));
    });
    returned = true;
    expect(await done).toBe(true);
  });

  test("a reader cannot load a block that the file does not have", () => {
    const reader = cache.reader(new MemoryFile(patterned(512)), 512, "octet");
    for (const block of [0, 3, NaN]) expect(() => reader.load(block, () => {})).toThrow(RangeError);
  });

  test("a reader gets the error of a file that shrank, and of one that cannot be read", async () => {
    const file = new MemoryFile(patterned(2 * CHUNK), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    file.bytes = file.bytes.subarray(0, CHUNK + 9);
    await load(reader, 1);
    reader.chunkWith(1);
    await turn();
    // Reading ahead has failed by now; that is told where it matters.
    expect(reader.chunkWith(129)).toBeUndefined();
    await expect(load(reader, 129)).rejects.toMatchObject({ name: "FileShrank" });
    file.failure = new Error("EIO");
    await expect(load(reader, 129)).rejects.toThrow("EIO");
    expect(cache.usedBytes).toBe(CHUNK_FRAMED);
  });

  test("a reader of a translated file learns the last block with the final chunk", async () => {
    const content = Buffer.from("line\n".repeat(12_000));
    const reader = cache.reader(new MemoryFile(content, { identity: "a" }), 512, "netascii");
    expect(reader.lastBlock).toBeUndefined();
    await load(reader, 1);
    reader.chunkWith(1);
    expect(reader.lastBlock).toBeUndefined();
    await turn();
    expect(reader.chunkWith(129)?.final).toBe(true);
    expect(reader.lastBlock).toBe(Math.floor(72_000 / 512) + 1);
    expect((await receive(reader)).toString()).toBe("line\r\n".repeat(12_000));
  });

  test("a reader of a translated file that ends with a chunk gets an empty block at the end", async () => {
    const reader = cache.reader(new MemoryFile(Buffer.alloc(CHUNK / 2, 10)), 512, "netascii");
    expect((await receive(reader)).length).toBe(CHUNK);
    expect(reader.lastBlock).toBe(129);
    expect(reader.chunkWith(129)?.bytes).toHaveLength(4);
  });
});

describe("the end", () => {
  test("a closed reader gets no callback and no chunk, and its file is closed once", async () => {
    const { closed, open } = new Gate();
    const file = new MemoryFile(patterned(3 * CHUNK), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    await load(reader, 1);
    reader.chunkWith(1);
    file.gate = closed;
    reader.load(257, () => expect.unreachable());
    reader.close();
    reader.close();
    reader.load(1, () => expect.unreachable());
    expect(reader.chunkWith(1)).toBeUndefined();
    expect(file.closes).toBe(0);
    open();
    await turn();
    expect(file.closes).toBe(1);
    expect(warnings).toEqual([]);
  });

  test("a reader may be closed within its own callback", async () => {
    const file = new MemoryFile(patterned(10), { identity: "a" });
    const reader = cache.reader(file, 512, "octet");
    await new Promise<void>((resolve) => {
      reader.load(1, () => {
        reader.close();
        resolve();
      });
    });
    expect(file.closes).toBe(1);
  });

  test("a closed cache closes its readers and holds neither memory nor the thread", async () => {
    const file = new MemoryFile(patterned(3 * CHUNK), { identity: "a" });
    await load(cache.reader(file, 512, "octet"), 1);
    await cache.close();
    expect(file.closes).toBe(1);
    expect(cache.usedBytes).toBe(0);
  });

  test("the cache's close() resolves when its files are closed, those of readers that left before, too", async () => {
    const gate = new Gate();
    const file = new MemoryFile(patterned(CHUNK));
    const close = file.close.bind(file);
    file.close = () => gate.closed.then(close);
    cache.reader(file, 512, "octet").close();
    let closed = false;
    const closing = cache.close().then(() => (closed = true));
    await turn();
    expect(closed).toBe(false);
    gate.open();
    await closing;
    expect(file.closes).toBe(1);
  });

  test("a file that cannot be closed is reported", async () => {
    const file = new MemoryFile(patterned(3), { identity: "a" });
    file.close = () => Promise.reject(new Error("EIO"));
    cache.reader(file, 512, "octet").close();
    await turn();
    expect(warnings).toEqual([new Error("EIO")]);
  });
});
