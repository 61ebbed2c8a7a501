import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FileMetadata } from "../../../../../src/worker/content/descriptor-file.ts";
import { entryKey } from "../../../../../src/worker/content/object-store/disk-cache/cache-entry.ts";
import { DiskCache } from "../../../../../src/worker/content/object-store/disk-cache/disk-cache.ts";
import { extentsFrom } from "../../../../../src/worker/content/object-store/extents.ts";
import type { PartFile } from "../../../../../src/worker/content/object-store/disk-cache/part-file.ts";
import { noise } from "../../../../helpers/raw-content.ts";

const size = 1_500_000;
const content = noise(size);

test("a cache entry is found again, also after a restart, with its content and nothing behind it", async () => {
  const directory = newDirectory();
  await store(await open(directory), "a");
  const found = await (await open(directory)).find(metadata("a"), noFallback);
  const target = Buffer.alloc(size + 100);
  expect(await found?.read(target, 0)).toBe(size);
  expect(target.subarray(0, size).equals(content)).toBe(true);
  expect(await found?.read(target, size - 10)).toBe(10);
  await found?.close();
});

test("a cache entry of another version of the same key is not found", async () => {
  const cache = await open(newDirectory());
  await store(cache, "a");
  expect(await cache.find(metadata("b"), noFallback)).toBeUndefined();
  expect(await cache.find({ ...metadata("a"), size: size - 1 }, noFallback)).toBeUndefined();
});

test("cache files are readable by this user alone", async () => {
  const directory = newDirectory();
  await store(await open(directory), "a");
  expect(readdirSync(directory).map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([0o600]);
});

test("a half-written entry is not found, and leaves nothing when it is given up", async () => {
  const directory = newDirectory();
  const cache = await open(directory);
  const part = (await cache.begin(metadata("a"), () => {})) as PartFile;
  const [first] = extentsFrom(0, size);
  await part.put(first!, content.subarray(0, first!.length));
  expect(await cache.find(metadata("a"), noFallback)).toBeUndefined();
  await cache.end(part, metadata("a"));
  expect(await cache.find(metadata("a"), noFallback)).toBeUndefined();
  await part.close();
  expect(readdirSync(directory)).toEqual([]);
});

test.each([
  ["cut short", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 1_000_000))],
  ["emptied", (path: string) => writeFileSync(path, "")],
  [
    "of the right size, but with zeros at its end",
    (path: string) => writeFileSync(path, Buffer.alloc(statSync(path).size)),
  ],
])("a cache entry that was %s is removed and not served", async (_how, spoil) => {
  const directory = newDirectory();
  const cache = await open(directory);
  await store(cache, "a");
  spoil(join(directory, entryKey("a").name));
  expect(await cache.find(metadata("a"), noFallback)).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test("readers of a cache part go on after it has become an entry, and after that was removed", async () => {
  const directory = newDirectory();
  const cache = await open(directory);
  const part = await store(cache, "a", false);
  rmSync(join(directory, entryKey("a").name));
  const target = Buffer.alloc(1_000);
  const [first] = extentsFrom(0, size);
  expect(await part.read(first!, 500, target)).toBe(1_000);
  expect(target.equals(content.subarray(500, 1_500))).toBe(true);
  await part.close();
});

test("over the limit the entry that was unused the longest is removed", async () => {
  const directory = newDirectory();
  const cache = await DiskCache.open(directory, 4_000_000, failOnWarning);
  await store(cache, "a");
  await store(cache, "b");
  for (const [name, at] of [
    ["a", 1_000],
    ["b", 2_000],
  ] as const)
    utimesSync(join(directory, entryKey(name).name), at, at);
  await (await cache.find(metadata("a"), noFallback))?.close();
  await store(cache, "c");
  expect(await isThere(cache, "a")).toBe(true);
  expect(await isThere(cache, "b")).toBe(false);
  expect(await isThere(cache, "c")).toBe(true);
});

test("an object bigger than the whole cache is not begun", async () => {
  const cache = await DiskCache.open(newDirectory(), 1_048_576, failOnWarning);
  expect(await cache.begin(metadata("a"), () => {})).toBeUndefined();
});

test("an hour-old part of a dead server is removed; a fresh one, and any foreign file, is not", async () => {
  const directory = newDirectory();
  const strange = ["old.part", "old.entry", "README", `${entryKey("a").name}.part`];
  for (const name of [partOf("a"), partOf("b"), ...strange])
    writeFileSync(join(directory, name), "x".repeat(2_000_000));
  const anHourAgo = Date.now() / 1_000 - 3_700;
  for (const name of [partOf("a"), ...strange]) utimesSync(join(directory, name), anHourAgo, anHourAgo);
  await DiskCache.open(directory, 1_048_576, failOnWarning);
  expect(readdirSync(directory).sort()).toEqual([partOf("b"), ...strange].sort());
});

test("an entry whose content was changed is fetched anew from there on, and removed", async () => {
  const directory = newDirectory();
  await store(await open(directory), "a");
  const path = join(directory, entryKey("a").name);
  const bytes = readFileSync(path);
  // In the third extent.
  bytes[1_000_000]! ^= 1;
  writeFileSync(path, bytes);
  const warnings: string[] = [];
  const cache = await DiskCache.open(directory, 1 << 30, (message) => warnings.push(message));
  const fetched: number[] = [];
  const found = await cache.find(metadata("a"), () => ({
    ...metadata("a"),
    read: async (target, position) => {
      fetched.push(position);
      return content.copy(target, 0, position);
    },
    close: async () => {},
  }));
  const target = Buffer.alloc(size);
  for (let at = 0; at < size; at += 100_000) await found?.read(target.subarray(at, at + 100_000), at);
  expect(target.equals(content)).toBe(true);
  expect(fetched.length).toBeGreaterThan(0);
  expect(Math.min(...fetched)).toBeGreaterThan(100_000);
  expect(warnings).toEqual(["a cache entry is damaged, and is fetched again"]);
  await expect.poll(() => readdirSync(directory)).toEqual([]);
  await found?.close();
});

test.skipIf(process.platform === "win32")("a cache directory that others may write to is not usable", async () => {
  const directory = newDirectory();
  chmodSync(directory, 0o777);
  await expect(open(directory)).rejects.toThrow("others may write to it");
});

test.skipIf(process.getuid?.() !== 0)("a cache directory that belongs to another user is not usable", async () => {
  const directory = newDirectory();
  chownSync(directory, 54_321, 54_321);
  await expect(open(directory)).rejects.toThrow("belongs to another user");
});

test("two caches on one directory that write and evict at once serve whole entries only", async () => {
  const directory = newDirectory();
  const caches = await Promise.all([1, 2].map(() => DiskCache.open(directory, 4_000_000, failOnWarning)));
  const names = ["a", "b", "c", "d"];
  for (let round = 0; round < 3; round += 1) {
    await Promise.all(caches.flatMap((cache) => names.map((name) => store(cache, name))));
    for (const cache of caches) {
      for (const name of names) {
        const found = await cache.find(metadata(name), noFallback);
        const target = Buffer.alloc(size);
        // It may have been evicted.
        const length = (await found?.read(target, 0)) ?? content.copy(target);
        expect({ length, right: target.equals(content) }).toEqual({ length: size, right: true });
        await found?.close();
      }
    }
  }
  expect(readdirSync(directory).every((name) => name.endsWith(".entry"))).toBe(true);
});

test.skipIf(process.getuid?.() === 0)("a cache directory that may not be written to is refused at once", async () => {
  const directory = newDirectory();
  chmodSync(directory, 0o500);
  await expect(open(directory)).rejects.toMatchObject({ code: "EACCES" });
});

/** Writes an entry with the content. */
async function store(cache: DiskCache, identity: string, close = true): Promise<PartFile> {
  const part = (await cache.begin(metadata(identity), () => {})) as PartFile;
  for (const extent of extentsFrom(0, size)) {
    await part.put(extent, content.subarray(extent.start, extent.start + extent.length));
  }
  await cache.end(part, metadata(identity));
  if (close) await part.close();
  return part;
}

function partOf(token: string): string {
  return `${entryKey("a").name}.${token.repeat(16)}.part`;
}

function noFallback(): never {
  throw new Error("the entry is damaged");
}

async function isThere(cache: DiskCache, identity: string): Promise<boolean> {
  const found = await cache.find(metadata(identity), noFallback);
  await found?.close();
  return found !== undefined;
}

function metadata(identity: string): FileMetadata {
  return { identity, size, settledFrom: 0 };
}

function open(directory: string): Promise<DiskCache> {
  return DiskCache.open(directory, 1 << 30, failOnWarning);
}

function failOnWarning(message: string, cause: unknown): void {
  throw new Error(message, { cause });
}

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "tftp-cache-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
