import { createHash } from "node:crypto";
import { chmodSync, lstatSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";
import { beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../../../src/main/storage/storage.ts";
import { codeOf, Grounds } from "./fixtures.ts";

let grounds: Grounds;
let storage: Storage;

beforeEach(() => {
  grounds = new Grounds();
  storage = grounds.storage();
});

function onDisk(path: string): string {
  return readFileSync(join(grounds.root, path), "utf8");
}

async function* pieces(...parts: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* parts;
}

async function* failing(): AsyncGenerator<string> {
  yield "half";
  throw new Error("the network is gone");
}

describe("write", () => {
  test.each([
    ["a string, as UTF-8", () => "Küche"],
    ["bytes", () => Buffer.from("Küche")],
    ["a Readable of bytes", () => Readable.from([Buffer.from("Kü"), Buffer.from("che")])],
    ["a Readable of text", () => Readable.from(["Kü", "che"])],
    ["a web stream", () => ReadableStream.from(pieces("Kü", Buffer.from("che")))],
    ["an async iterable", () => pieces("K", "ü", "che")],
  ])("write takes %s", async (_, content) => {
    expect(await storage.write("kitchen", content())).toEqual({ bytes: 6, created: true });
    expect(onDisk("kitchen")).toBe("Küche");
  });

  test("write makes the directories on the way, and the root", async () => {
    await storage.write("/boards//./one/dtb", "tree");
    expect(grounds.tree()).toEqual(["boards/", "boards/one/", "boards/one/dtb"]);
  });

  test("write replaces a file, and returns that it was there", async () => {
    await storage.write("a", "first");
    expect(await storage.write("a", "second")).toEqual({ bytes: 6, created: false });
    expect(onDisk("a")).toBe("second");
  });

  test.skipIf(process.platform === "win32")(
    "write keeps the mode of a file that it replaces, but no set-user-ID",
    async () => {
      await storage.write("new", "content");
      const usual = statSync(join(grounds.root, "new")).mode;
      for (const [mode, kept] of [
        [0o640, 0o640],
        [0o666, 0o666],
        [0o4711, 0o711],
      ] as const) {
        chmodSync(join(grounds.root, "new"), mode);
        await storage.write("new", "other");
        expect(statSync(join(grounds.root, "new")).mode & 0o7777).toBe(kept);
      }
      await storage.write("another", "content");
      expect(statSync(join(grounds.root, "another")).mode).toBe(usual);
    },
  );

  test("write keeps the bytes and their order, whatever the size of the pieces", async () => {
    const bytes = Buffer.alloc(1 << 20, "0123456789abcdef#");
    const sizes = [1, 70_000, 10, 65_535, 65_536, 300_000, 2, 3, 200_000];
    const cuts = sizes.map((_, index) => sizes.slice(0, index).reduce((sum, size) => sum + size, 0));
    const parts = [...cuts, bytes.length].map((from, index, all) => bytes.subarray(from, all[index + 1]));
    await storage.write("big", pieces(...parts));
    expect(readFileSync(join(grounds.root, "big")).equals(bytes)).toBe(true);
  });

  test("write reports its progress, in the end all of it", async () => {
    const told: unknown[] = [];
    await storage.write("a", "12345", { onProgress: (progress) => told.push(progress) });
    await storage.write("b", pieces("12", "3"), { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([{ bytes: 5, total: 5 }, { bytes: 3 }]);
  });

  test("writeFromPath copies from this machine, and a missing file there is NOT_FOUND by its name", async () => {
    writeFileSync(join(grounds.above, "image"), "image");
    expect(await storage.writeFromPath("deep/image", join(grounds.above, "image"))).toEqual({
      bytes: 5,
      created: true,
    });
    const missing = storage.writeFromPath("other", join(grounds.above, "nothing"));
    await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND", message: expect.stringContaining("nothing") });
  });

  test.each([
    ["a directory", "boards", "FORBIDDEN"],
    ["under a file", "file/x", "NOT_FOUND"],
    ["the root", "/", "FORBIDDEN"],
    ["a name with NUL", "a\0b", "INVALID_OPTION"],
    ["a name that storage keeps for itself", "boards/.tftp-driver-tmp-1", "INVALID_OPTION"],
  ])("write refuses %s", async (_, path, code) => {
    await storage.createDir("boards");
    await storage.write("file", "");
    expect(await codeOf(storage.write(path, "x"))).toBe(code);
    expect(grounds.tree()).toEqual(["boards/", "file"]);
  });

  test("write refuses what is no content", async () => {
    expect(await codeOf(storage.write("a", 5 as unknown as string))).toBe("INVALID_OPTION");
    expect(await codeOf(storage.write("a", pieces(5 as unknown as string)))).toBe("INVALID_OPTION");
    expect(grounds.tree()).toEqual([]);
  });
});

describe("a write that does not end well leaves nothing behind", () => {
  test("a write whose content fails leaves neither a file nor the directories that it made", async () => {
    const write = storage.write("new/deep/image", failing());
    await expect(write).rejects.toMatchObject({ code: "STORAGE_FAILED", cause: { message: "the network is gone" } });
    expect(grounds.tree()).toEqual([]);
    expect(await storage.created()).toEqual([]);
  });

  test("an abort ends a write at once, also while its content hesitates, and destroys the stream", async () => {
    const content = new Readable({ read() {} });
    content.push("half");
    const controller = new AbortController();
    const write = storage.write("new/image", content, { signal: controller.signal });
    const reason = new Error("enough");
    setTimeout(() => controller.abort(reason), 20);
    await expect(write).rejects.toMatchObject({ code: "ABORTED", cause: reason });
    expect(content.destroyed).toBe(true);
    expect(grounds.tree()).toEqual([]);
  });

  test("a signal that fired before keeps a write from beginning", async () => {
    const content = Readable.from(["x"]);
    expect(await codeOf(storage.write("a", content, { signal: AbortSignal.abort() }))).toBe("ABORTED");
    expect(content.destroyed).toBe(true);
  });

  test("an error of its progress listener ends a write", async () => {
    const write = storage.write("a", "x", {
      onProgress: () => {
        throw new TypeError("mine");
      },
    });
    expect(await codeOf(write)).not.toBe("fine");
    expect(grounds.tree()).toEqual([]);
  });

  test("a write that fails leaves the file that it was to replace as it was", async () => {
    await storage.write("a", "old");
    const controller = new AbortController();
    const content = async function* (): AsyncGenerator<string> {
      yield "new";
      controller.abort();
    };
    expect(await codeOf(storage.write("a", content(), { signal: controller.signal }))).toBe("ABORTED");
    expect(onDisk("a")).toBe("old");
    expect(grounds.tree()).toEqual(["a"]);
  });
});

describe("read", () => {
  test("a file is read as a stream, as bytes, and as a hash", async () => {
    await storage.write("a", "content");
    expect(Buffer.concat(await (await storage.read("a")).toArray()).toString()).toBe("content");
    expect(Buffer.from(await storage.readBytes("a")).toString()).toBe("content");
    for (const algorithm of ["sha256", "md5"] as const) {
      expect(await storage.hash("a", algorithm)).toBe(createHash(algorithm).update("content").digest("hex"));
    }
    expect(await codeOf(storage.hash("a", "crc32" as "md5"))).toBe("INVALID_OPTION");
  });

  test("a read stream goes on with the old content while the file is replaced", async () => {
    await storage.write("a", Buffer.alloc(2 << 20, "o"));
    const stream = await storage.read("a");
    await storage.write("a", Buffer.alloc(2 << 20, "n"));
    expect(Buffer.concat(await stream.toArray()).equals(Buffer.alloc(2 << 20, "o"))).toBe(true);
  });

  test.each([
    ["what is missing", "gone", "NOT_FOUND"],
    ["under a file", "file/x", "NOT_FOUND"],
    ["a directory", "boards", "FORBIDDEN"],
  ])("%s cannot be read", async (_, path, code) => {
    await storage.createDir("boards");
    await storage.write("file", "");
    expect(await codeOf(storage.read(path))).toBe(code);
    expect(await codeOf(storage.readBytes(path))).toBe(code);
    expect(await codeOf(storage.hash(path))).toBe(code);
  });
});

test("stat and exists return what is there", async () => {
  await storage.write("boards/a", "12345");
  const modifiedAt = Math.round(statSync(join(grounds.root, "boards/a")).mtimeMs);
  expect(await storage.stat("/boards/a")).toEqual({ path: "boards/a", type: "file", size: 5, modifiedAt });
  expect(await storage.stat("boards")).toMatchObject({ path: "boards", type: "directory" });
  expect(await storage.stat("")).toMatchObject({ path: "", type: "directory" });
  expect(await storage.exists("boards/a")).toBe(true);
  expect(await storage.exists("boards/a/b")).toBe(false);
  expect(await storage.exists("other/a")).toBe(false);
  expect(await codeOf(storage.stat("other"))).toBe("NOT_FOUND");
});

test("list returns what is in a directory, by path, links as links, and nothing unfinished", async () => {
  for (const path of ["b", "a/2", "a/1/deep", "a/10"]) await storage.write(path, path);
  symlinkSync("a", join(grounds.root, "link"));
  writeFileSync(join(grounds.root, "a/.tftp-driver-tmp-1"), "");
  const told = async (path?: string, recursive?: boolean): Promise<string[]> =>
    (await storage.list(path, { recursive: recursive ?? false })).map((entry) => `${entry.path} ${entry.type}`);
  expect(await told()).toEqual(["a directory", "b file", "link symlink"]);
  expect(await told("a")).toEqual(["a/1 directory", "a/10 file", "a/2 file"]);
  expect(await told("", true)).toEqual([
    "a directory",
    "a/1 directory",
    "a/1/deep file",
    "a/10 file",
    "a/2 file",
    "b file",
    "link symlink",
  ]);
  expect(await codeOf(storage.list("gone"))).toBe("NOT_FOUND");
});

describe("moving and removing", () => {
  test("copy leaves the source, and replaces what is there", async () => {
    await storage.write("a", "content");
    await storage.write("b", "other");
    expect(await storage.copy("a", "b")).toEqual({ bytes: 7, created: false });
    expect([onDisk("a"), onDisk("b")]).toEqual(["content", "content"]);
    expect(await codeOf(storage.copy("gone", "b"))).toBe("NOT_FOUND");
  });

  test("rename moves a file over another one, and a directory with all that is in it", async () => {
    await storage.write("a", "content");
    await storage.write("b", "other");
    await storage.rename("a", "b");
    expect(onDisk("b")).toBe("content");
    await storage.write("directory/x", "x");
    await storage.rename("directory", "new/directory");
    expect(grounds.tree()).toEqual(["b", "new/", "new/directory/", "new/directory/x"]);
    expect((await storage.created()).map(({ path }) => path)).toEqual(["b", "new", "new/directory", "new/directory/x"]);
  });

  test("a rename that fails changes nothing, neither on disk nor in what counts as made", async () => {
    await storage.write("directory/x", "x");
    const before = await storage.created();
    expect(await codeOf(storage.rename("directory", "directory/under/itself"))).toBe("FORBIDDEN");
    expect(await codeOf(storage.rename("gone", "elsewhere"))).toBe("NOT_FOUND");
    expect(await codeOf(storage.rename("directory/x", ""))).toBe("FORBIDDEN");
    expect(onDisk("directory/x")).toBe("x");
    expect(await storage.created()).toEqual(expect.arrayContaining(before));
  });

  test("delete removes a file or an empty directory", async () => {
    await storage.write("directory/x", "x");
    expect(await codeOf(storage.delete("directory"))).toBe("FORBIDDEN");
    await storage.delete("directory/x");
    await storage.delete("directory");
    expect(await codeOf(storage.delete("directory"))).toBe("NOT_FOUND");
    expect(await codeOf(storage.delete("/"))).toBe("FORBIDDEN");
    expect(await storage.created()).toEqual([]);
  });

  test("removeAll removes everything under a path, of the root all that is in it, and accepts a missing path", async () => {
    for (const path of ["a/1/x", "a/2", "b"]) await storage.write(path, path);
    await storage.removeAll("a");
    expect(grounds.tree()).toEqual(["b"]);
    await storage.removeAll("a");
    await storage.removeAll("a/1");
    await storage.write("c/d", "");
    await storage.removeAll("");
    expect(grounds.tree()).toEqual([]);
    expect(await storage.created()).toEqual([]);
  });

  test("removing goes through no symbolic link: the link goes, what it leads to stays", async () => {
    writeFileSync(join(grounds.above, "outside"), "");
    await storage.write("kept/x", "x");
    symlinkSync("../kept", join((await storage.createDir("a"), grounds.root), "a/link"));
    symlinkSync(grounds.above, join(grounds.root, "a/out"));
    await storage.removeAll("a");
    expect(grounds.tree()).toEqual(["kept/", "kept/x"]);
    symlinkSync("kept/x", join(grounds.root, "link"));
    await storage.delete("link");
    expect(onDisk("kept/x")).toBe("x");
  });
});

describe("readIntoPath", () => {
  test("readIntoPath replaces a file of this machine as a whole, and returns whether there was one", async () => {
    await storage.write("image", "new image");
    const local = join(grounds.above, "copy");
    expect(await storage.readIntoPath("image", local)).toEqual({ bytes: 9, created: true });
    await storage.write("image", "newer");
    expect(await storage.readIntoPath("image", local)).toEqual({ bytes: 5, created: false });
    expect(readFileSync(local, "utf8")).toBe("newer");
  });

  test.skipIf(process.platform === "win32")("readIntoPath keeps the mode of a file that it replaces", async () => {
    await storage.write("image", "new");
    writeFileSync(join(grounds.above, "copy"), "old", { mode: 0o640 });
    await storage.readIntoPath("image", join(grounds.above, "copy"));
    expect(statSync(join(grounds.above, "copy")).mode & 0o777).toBe(0o640);
  });

  test("readIntoPath keeps a symbolic link, and replaces the file behind it", async () => {
    await storage.write("image", "new");
    writeFileSync(join(grounds.above, "behind"), "old");
    symlinkSync("behind", join(grounds.above, "link"));
    await storage.readIntoPath("image", join(grounds.above, "link"));
    expect(readFileSync(join(grounds.above, "behind"), "utf8")).toBe("new");
    expect(lstatSync(join(grounds.above, "link")).isSymbolicLink()).toBe(true);
  });

  test("readIntoPath reports its progress, in the end all of it", async () => {
    await storage.write("image", "12345");
    const seen: unknown[] = [];
    await storage.readIntoPath("image", join(grounds.above, "copy"), { onProgress: (step) => seen.push(step) });
    expect(seen).toEqual([{ bytes: 5, total: 5 }]);
  });

  test.each([
    ["its signal", { signal: AbortSignal.abort() }, "ABORTED"],
    ["its listener's error", { onProgress: refuse }, "STORAGE_FAILED"],
  ])("a readIntoPath that ends by %s leaves the old file, and nothing beside it", async (_, options, code) => {
    await storage.write("image", "new");
    writeFileSync(join(grounds.above, "copy"), "old");
    expect(await codeOf(storage.readIntoPath("image", join(grounds.above, "copy"), options))).toBe(code);
    expect(readFileSync(join(grounds.above, "copy"), "utf8")).toBe("old");
    expect(readdirSync(grounds.above).filter((name) => name.includes("copy"))).toEqual(["copy"]);
  });

  test.each([
    ["a file that is not there", "none", "copy", "NOT_FOUND"],
    ["a local directory", "image", ".", "FORBIDDEN"],
    ["a local directory that is not there", "image", "none/copy", "NOT_FOUND"],
    ["a path out of the root", "../image", "copy", "PATH_OUTSIDE_ROOT"],
  ])("readIntoPath refuses %s", async (_, path, local, code) => {
    await storage.write("image", "new");
    expect(await codeOf(storage.readIntoPath(path, join(grounds.above, local)))).toBe(code);
  });
});

function refuse(): never {
  throw new Error("enough");
}
