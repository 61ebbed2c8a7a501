import { expect, test } from "vitest";
import { type ObjectStat, StoreError } from "../../../../src/object-store/client/store-api.ts";
import type { StoreClient } from "../../../../src/object-store/client/store-client.ts";
import type { ContentFile } from "../../../../src/worker/content/content.ts";
import { parseFileName } from "../../../../src/worker/content/file-name.ts";
import { MemoryBudget } from "../../../../src/worker/content/memory-budget.ts";
import type { ExtentMemory } from "../../../../src/worker/content/object-store/memory-extent-store.ts";
import { ObjectStore } from "../../../../src/worker/content/object-store/object-store.ts";
import { noise } from "../../../helpers/raw-content.ts";

const KIB = 1_024;
const content = noise(4 * KIB * KIB);

test("a part of an object is fetched once, however many transfers read it at once", async () => {
  const store = new FakeStore();
  const files = await Promise.all(Array.from({ length: 10 }, () => store.file("image.bin")));
  const parts = await Promise.all(files.map((file) => read(file, 0, 1_000)));
  expect(parts.every((part) => part.equals(content.subarray(0, 1_000)))).toBe(true);
  expect(store.ranges.filter(([start]) => start === 0)).toEqual([[0, 128 * KIB]]);
});

test("the first read of an object fetches a small part, then the two behind it before they are needed", async () => {
  const store = new FakeStore();
  await read(await store.file("image.bin"), 0, 100);
  await store.settled();
  expect(store.ranges).toEqual([
    [0, 128 * KIB],
    [128 * KIB, 256 * KIB],
    [384 * KIB, 512 * KIB],
  ]);
});

test("a read across a border of two parts of an object gets the bytes of both", async () => {
  const file = await new FakeStore().file("image.bin");
  const part = await read(file, 120 * KIB, 20 * KIB);
  expect(part.equals(content.subarray(120 * KIB, 140 * KIB))).toBe(true);
});

test("without memory for whole parts only what is needed is fetched, and the bytes are right", async () => {
  const store = new FakeStore(1_000);
  const part = await read(await store.file("image.bin"), 5_000, 3_000);
  expect(part.equals(content.subarray(5_000, 8_000))).toBe(true);
  expect(store.ranges).toEqual([[5_000, 3_000]]);
});

test("memory for objects stays within its budget, and is given back with the last transfer", async () => {
  const store = new FakeStore(1_500 * KIB);
  const file = await store.file("image.bin");
  for (let at = 0; at < content.length; at += 128 * KIB) {
    expect((await read(file, at, 128 * KIB)).equals(content.subarray(at, at + 128 * KIB))).toBe(true);
    expect(store.memory.usedBytes).toBeLessThanOrEqual(1_500 * KIB);
  }
  await file.close();
  await store.settled();
  expect(store.memory.usedBytes).toBe(0);
});

test("a store that hangs is asked for 256 objects at once", async () => {
  const store = new FakeStore();
  store.hangs = true;
  for (let count = 0; count < 1_000; count++) void store.file(`image-${count}.bin`);
  await store.settled();
  expect(store.stats).toBe(256);
});

test("a part of an object that failed is fetched again", async () => {
  const store = new FakeStore();
  const file = await store.file("image.bin");
  store.failure = new StoreError("failed", "connection refused");
  await expect(read(file, 0, 100)).rejects.toThrow("connection refused");
  await store.settled();
  store.failure = undefined;
  expect((await read(file, 0, 100)).equals(content.subarray(0, 100))).toBe(true);
});

test.each([
  ["not-found", "not-found"],
  ["forbidden", "forbidden"],
  ["failed", "read-error"],
  ["disconnected", "read-error"],
  ["unsupported", "read-error"],
] as const)("the store's failure %s is the refusal %s, with the store's message as its cause", async (kind, reason) => {
  const store = new FakeStore();
  store.failure = new StoreError(kind, "the store's word");
  await expect(store.file("image.bin")).rejects.toMatchObject({ reason, cause: { message: "the store's word" } });
});

test("a directory of a store is refused as such", async () => {
  const store = new FakeStore();
  store.stat = { kind: "directory", size: 0 };
  await expect(store.file("image.bin")).rejects.toMatchObject({ reason: "not-a-file" });
});

test("an object without etag and time is read, but shared with nobody", async () => {
  const store = new FakeStore();
  store.stat = { kind: "file", size: content.length };
  const [one, other] = [await store.file("image.bin"), await store.file("image.bin")];
  expect(one.identity).toBeUndefined();
  await Promise.all([read(one, 0, 10), read(other, 0, 10)]);
  expect(store.ranges.filter(([start]) => start === 0)).toHaveLength(2);
});

class FakeStore {
  readonly ranges: [start: number, length: number][] = [];
  readonly memory: ExtentMemory;
  stat: ObjectStat = { kind: "file", size: content.length, etag: '"1"' };
  failure: StoreError | undefined;
  /** Counts the objects that were asked for. */
  stats = 0;
  hangs = false;
  readonly #store: ObjectStore;

  constructor(budgetBytes = 64 * KIB * KIB) {
    this.memory = new MemoryBudget(budgetBytes);
    const callAgain = (name: string, ...args: unknown[]): Promise<unknown> => this.#answer(name, args);
    const store = { callAgain } as unknown as Pick<StoreClient, "callAgain">;
    this.#store = new ObjectStore({ store, close: () => {}, memory: this.memory, cache: undefined });
  }

  file(name: string): Promise<ContentFile> {
    return this.#store.open(parseFileName(Buffer.from(name)));
  }

  /** Until nothing is on its way any more. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #answer(name: string, args: unknown[]): Promise<unknown> {
    const [, , start, length] = args as [string, ObjectStat, number, number];
    await Promise.resolve();
    if (this.failure) throw this.failure;
    if (name === "read") {
      this.ranges.push([start, length]);
      return content.subarray(start, start + length);
    }
    this.stats++;
    return this.hangs ? new Promise(() => {}) : this.stat;
  }
}

async function read(file: ContentFile, position: number, length: number): Promise<Buffer> {
  const target = Buffer.alloc(length);
  expect(await file.read(target, position)).toBe(length);
  return target;
}
