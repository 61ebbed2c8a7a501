import {
  appendFileSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ContentFile } from "../../../../src/worker/content/content.ts";
import { readPromised } from "../../../../src/worker/content/blocks/load-chunk.ts";
import { RootedFile } from "../../../../src/worker/content/directory/rooted-file.ts";
import { RootedDirectory } from "../../../../src/worker/content/directory/rooted-directory.ts";
import { contentOf, named, patterned, temporaryDirectory } from "../fixtures.ts";
import { handlesAreKnown, openHandles } from "../../../helpers/open-handles.ts";

let path: string;
let open: () => Promise<ContentFile>;

beforeEach(async () => {
  const root = temporaryDirectory();
  path = join(root, "image");
  writeFileSync(path, "0123456789");
  const directory = await RootedDirectory.open(root, "inside");
  open = () => directory.open(named("image"));
});

test("a file has its size, and reads from any position", async () => {
  const file = await open();
  expect(file.size).toBe(10);
  const target = Buffer.alloc(4);
  expect(await file.read(target, 3)).toBe(4);
  expect(target.toString()).toBe("3456");
  expect(await file.read(target, 8)).toBe(2);
  expect(target.subarray(0, 2).toString()).toBe("89");
  expect(await file.read(target, 10)).toBe(0);
  expect(await file.read(target, 99)).toBe(0);
  await file.close();
});

test("an empty file is a file", async () => {
  writeFileSync(path, "");
  const file = await open();
  expect(file.size).toBe(0);
  expect((await contentOf(file)).length).toBe(0);
});

test("a file that is replaced or removed keeps its content while it is open", async () => {
  const replaced = await open();
  writeFileSync(`${path}.new`, "new content!");
  renameSync(`${path}.new`, path);
  const removed = await open();
  unlinkSync(path);
  expect((await contentOf(replaced)).toString()).toBe("0123456789");
  expect((await contentOf(removed)).toString()).toBe("new content!");
});

test("a file that grew is served up to the size that it had", async () => {
  const file = await open();
  appendFileSync(path, "and more");
  expect((await contentOf(file)).toString()).toBe("0123456789");
});

test("a file that shrank returns fewer bytes, which is an error to a caller that relies on its size", async () => {
  const file = await open();
  truncateSync(path, 6);
  expect(await file.read(Buffer.alloc(10), 0)).toBe(6);
  await expect(readPromised(file, Buffer.alloc(10), 0)).rejects.toMatchObject({
    name: "FileShrank",
    message: "the file shrank from 10 to 6 bytes while it was read",
  });
  await expect(readPromised(file, Buffer.alloc(4), 6)).rejects.toThrow("from 10 to 6");
  expect(await readPromised(file, Buffer.alloc(4), 0)).toBe(4);
  await file.close();
});

describe.each([
  { place: "local", isLocal: true },
  { place: "remote", isLocal: false },
])("a file of a $place file system", ({ isLocal }) => {
  const take = (): Promise<RootedFile> =>
    RootedFile.take(openSync(path, "r"), statSync(path, { bigint: true }), isLocal);

  test("is verified at once only if the file system is local", async () => {
    const file = await take();
    expect(file.verifyNow()).toBe(isLocal);
    await file.verify();
    await file.close();
  });

  test("fails its verification once it was written to", async () => {
    const file = await take();
    appendFileSync(path, "and more");
    expect(file.verifyNow()).toBe(false);
    await expect(file.verify()).rejects.toMatchObject({ name: "FileChanged" });
    await file.close();
    expect(file.verifyNow()).toBe(false);
  });
});

async function identity(): Promise<string | undefined> {
  const file = await open();
  await file.close();
  return file.identity;
}

test("a file's identity stays with the content: over names, not over a rewrite, not even with the old times", async () => {
  const first = await identity();
  expect(first).toBeDefined();
  expect(await identity()).toBe(first);
  const longAgo = new Date("2001-01-01");
  utimesSync(path, longAgo, longAgo);
  const aged = await identity();
  expect(aged).not.toBe(first);
  await vi.waitFor(async () => {
    // The change time ticks on sooner or later, and nobody can turn it back.
    writeFileSync(path, "9876543210");
    utimesSync(path, longAgo, longAgo);
    expect(await identity()).not.toBe(aged);
  }, 30_000);
});

test("a file settles two seconds after its last change, by whichever time is later", async () => {
  const before = Date.now();
  writeFileSync(path, "0123456789");
  const fresh = await open();
  await fresh.close();
  // The kernel's coarse clock may lag behind by a tick.
  expect(fresh.settledFrom).toBeGreaterThan(before + 1_900);
  expect(fresh.settledFrom).toBeLessThanOrEqual(Date.now() + 2_000);
  const ahead = new Date(Date.now() + 3_600_000);
  utimesSync(path, ahead, ahead);
  const future = await open();
  await future.close();
  expect(future.settledFrom).toBeGreaterThan(Date.now() + 3_000_000);
});

test("hard links share their identity", async () => {
  linkSync(path, `${path}2`);
  const [directory, first] = [await RootedDirectory.open(join(path, ".."), "inside"), await open()];
  const second = await directory.open(named("image2"));
  expect(second.identity).toBe(first.identity);
  await Promise.all([first.close(), second.close()]);
});

test("a close waits for the reads under way, and a read after it is an error", async () => {
  const content = patterned(900_000);
  writeFileSync(path, content);
  const file = await open();
  const targets = Array.from({ length: 16 }, () => Buffer.alloc(content.length));
  const ended: string[] = [];
  const reads = targets.map((target) => file.read(target, 0).then(() => ended.push("read")));
  await file.close();
  ended.push("close");
  await Promise.all(reads);
  expect(ended).toEqual([...targets.map(() => "read"), "close"]);
  for (const target of targets) expect(target.equals(content)).toBe(true);
  await expect(file.read(targets[0]!, 0)).rejects.toThrow("read after close");
  await file.close();
});

test.skipIf(!handlesAreKnown)("no descriptor is left behind, whatever was asked for", async () => {
  const root = join(path, "..");
  mkdirSync(join(root, "directory"));
  const before = openHandles();
  const directory = await RootedDirectory.open(root, "deny");
  const names = Array.from({ length: 60 }, (_, number) => ["image", "directory", "gone"][number % 3]!);
  const openings = await Promise.allSettled(names.map((name) => directory.open(named(name))));
  const files = openings.flatMap((opening) => (opening.status === "fulfilled" ? [opening.value] : []));
  expect(files).toHaveLength(20);
  expect(openHandles()).toBeGreaterThanOrEqual(before + 20);
  await Promise.all(files.map((file) => contentOf(file)));
  await expect.poll(openHandles).toBeLessThanOrEqual(before);
});
