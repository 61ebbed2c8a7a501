import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import { codeOf, Grounds } from "../fixtures.ts";

let grounds: Grounds;

beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(join(grounds.root, "before"));
  writeFileSync(join(grounds.root, "before/file"), "before");
});

describe("close() with removeCreatedOnClose", () => {
  test("close() removes files and directories that storage made, and leaves what was there before", async () => {
    const storage = grounds.storage();
    await storage.write("a/b/c/file", "x");
    await storage.write("before/new", "x");
    await storage.createDir("empty/deep");
    await storage.copy("before/file", "copy");
    await storage.close();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
    expect(await storage.leftovers()).toEqual([]);
    expect(grounds.warnings).toEqual([]);
    expect(grounds.journalFiles()).toEqual([]);
  });

  test("close() leaves a file that was there before, with the content that it was given", async () => {
    const storage = grounds.storage();
    await storage.write("before/file", "after");
    expect(await storage.created()).toEqual([]);
    await storage.close();
    expect(readFileSync(join(grounds.root, "before/file"), "utf8")).toBe("after");
  });

  test("close() removes a file that was made and then written again", async () => {
    const storage = grounds.storage();
    for (const content of ["one", "two", "three"]) await storage.write("a", content);
    await storage.close();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
  });

  test("close() removes a made file under its new name, too; what was there before stays under any name", async () => {
    const storage = grounds.storage();
    await storage.write("made", "x");
    await storage.rename("made", "moved/made");
    await storage.rename("before/file", "moved/file");
    await storage.write("other", "x");
    await storage.rename("other", "moved/file");
    await storage.close();
    expect(grounds.tree()).toEqual(["before/", "moved/", "moved/file"]);
    expect(await storage.leftovers()).toEqual([{ path: "moved", type: "directory", reason: "in-use" }]);
  });

  test("close() removes what was registered", async () => {
    const storage = grounds.storage();
    await storage.register("before/file");
    await storage.register("before");
    expect(await storage.created()).toEqual([
      { path: "before", type: "directory" },
      { path: "before/file", type: "file" },
    ]);
    expect(await codeOf(storage.register("gone"))).toBe("NOT_FOUND");
    expect(await codeOf(storage.register("/"))).toBe("FORBIDDEN");
    await storage.close();
    expect(grounds.tree()).toEqual([]);
  });

  test("close() leaves what others have put in a made file's place, or into a made directory, and reports it", async () => {
    const storage = grounds.storage();
    await storage.write("replaced", "mine");
    await storage.write("shared/mine", "mine");
    writeFileSync(join(grounds.root, "theirs"), "theirs");
    renameSync(join(grounds.root, "theirs"), join(grounds.root, "replaced"));
    writeFileSync(join(grounds.root, "shared/theirs"), "theirs");
    await storage.close();
    expect(grounds.tree()).toEqual(["before/", "before/file", "replaced", "shared/", "shared/theirs"]);
    expect(await storage.leftovers()).toEqual([
      { path: "replaced", type: "file", reason: "replaced" },
      { path: "shared", type: "directory", reason: "in-use" },
    ]);
    expect(grounds.warnings).toEqual([
      "storage: replaced stays: something else has taken its place",
      "storage: shared stays: others have put something into it",
    ]);
  });

  test("close() leaves a file that others removed and made again, though it may have the same inode", async () => {
    const storage = grounds.storage();
    await storage.write("a", "mine");
    rmSync(join(grounds.root, "a"));
    writeFileSync(join(grounds.root, "a"), "theirs");
    await storage.close();
    expect(readFileSync(join(grounds.root, "a"), "utf8")).toBe("theirs");
  });

  test("close() goes through no symbolic link", async () => {
    const storage = grounds.storage();
    await storage.write("directory/a", "mine");
    renameSync(join(grounds.root, "directory"), join(grounds.above, "elsewhere"));
    symlinkSync("../elsewhere", join(grounds.root, "directory"));
    await storage.close();
    expect(readFileSync(join(grounds.above, "elsewhere/a"), "utf8")).toBe("mine");
    expect((await storage.leftovers()).map(({ path, reason }) => `${path} ${reason}`)).toEqual([
      "directory/a replaced",
      "directory replaced",
    ]);
  });

  test("close() accepts that files, or the root itself, are gone already", async () => {
    const storage = grounds.storage();
    await storage.write("a/b", "x");
    rmSync(grounds.root, { recursive: true });
    await storage.close();
    expect(await storage.leftovers()).toEqual([]);
  });

  // Root may do everything.
  test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "close() rejects with NOT_REMOVED if the system forbids a removal, after it has removed the rest",
    async () => {
      const storage = grounds.storage();
      await storage.write("closed/a", "x");
      await storage.write("z", "x");
      chmodSync(join(grounds.root, "closed"), 0o555);
      await expect(storage.close()).rejects.toMatchObject({
        code: "NOT_REMOVED",
        message: expect.stringContaining("closed/a"),
      });
      chmodSync(join(grounds.root, "closed"), 0o755);
      expect(grounds.tree()).toEqual(["before/", "before/file", "closed/", "closed/a"]);
      // The next one tries again.
      await grounds.storage().recover();
      expect(grounds.tree()).toEqual(["before/", "before/file"]);
    },
  );

  test("close() rejects with NOT_REMOVED if the place fails, and the next start tries again", async () => {
    const { LocalDirectory } = await import("../../../../src/main/storage/local/local-directory.ts");
    const { Storage } = await import("../../../../src/main/storage/storage.ts");
    class Stubborn extends LocalDirectory {
      override remove(): Promise<never> {
        return Promise.reject(new Error("input/output error"));
      }
    }
    const backend = new Stubborn(grounds.root, "inside");
    const warn = (message: string): void => void grounds.warnings.push(message);
    const storage = new Storage(backend, { removeCreatedOnClose: true, journal: grounds.journals, warn });
    await storage.write("a", "x");
    await expect(storage.close()).rejects.toMatchObject({
      code: "NOT_REMOVED",
      cause: { message: "input/output error" },
    });
    expect(await storage.leftovers()).toMatchObject([{ path: "a", reason: "failed" }]);
    expect(grounds.warnings).toEqual(["storage: a stays: it cannot be removed"]);
    await grounds.storage().recover();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
    expect(grounds.journalFiles()).toEqual([]);
  });
});

test("without removeCreatedOnClose, close() leaves everything, and no journal", async () => {
  const storage = grounds.storage({ removeCreatedOnClose: false });
  await storage.write("a/b", "x");
  await storage.close();
  expect(grounds.tree()).toEqual(["a/", "a/b", "before/", "before/file"]);
  expect(grounds.journalFiles()).toEqual([]);
  await grounds.storage().recover();
  expect(grounds.tree()).toContain("a/b");
});

test("close() gives up a write under way and a stream that was handed out, and leaves nothing of them", async () => {
  const storage = grounds.storage();
  await storage.write("a", Buffer.alloc(4 << 20));
  const stream = await storage.read("a");
  const failed = new Promise((resolve) => stream.once("error", resolve));
  const endless = new Readable({ read() {} });
  endless.push("half");
  const writing = codeOf(storage.write("new/image", endless));
  await storage.close();
  expect(await writing).toBe("CLOSED");
  expect(endless.destroyed).toBe(true);
  expect(await failed).toMatchObject({ code: "CLOSED" });
  expect(grounds.tree()).toEqual(["before/", "before/file"]);
});

test("once storage is closed, every method rejects with CLOSED", async () => {
  const storage = grounds.storage();
  await storage.close();
  await storage.close();
  expect(await codeOf(storage.write("a", "x"))).toBe("CLOSED");
  expect(await codeOf(storage.readBytes("before/file"))).toBe("CLOSED");
  expect(await codeOf(storage.list())).toBe("CLOSED");
});

describe("two on one root", () => {
  test("two drivers on one root each remove what they have made, in whatever order they close", async () => {
    for (const first of [0, 1]) {
      const pair = [grounds.storage(), grounds.storage()] as const;
      await pair[0].write("shared/a", "0");
      await pair[1].write("shared/b", "1");
      await pair[0].write("own/0", "0");
      await pair[1].write("own-1/1", "1");
      await pair[first]!.close();
      expect(grounds.tree()).toContain(first === 0 ? "shared/b" : "shared/a");
      expect(grounds.tree()).not.toContain(first === 0 ? "shared/a" : "shared/b");
      await pair[1 - first]!.close();
      rmSync(join(grounds.root, "shared"), { recursive: true, force: true });
      expect(grounds.tree()).toEqual(["before/", "before/file"]);
    }
  });

  test("of two drivers that write the same new file at the same time, exactly one has created it", async () => {
    const pair = [grounds.storage(), grounds.storage()] as const;
    for (let round = 0; round < 20; round += 1) {
      const results = await Promise.all(pair.map((storage, index) => storage.write(`race-${round}`, `${index}`)));
      expect(results.filter(({ created }) => created)).toHaveLength(1);
    }
  });

  test("a file that another driver has written over is that driver's: the first one leaves it", async () => {
    const [first, second] = [grounds.storage(), grounds.storage()];
    await first.write("a", "first");
    await second.write("a", "second");
    await first.close();
    expect(readFileSync(join(grounds.root, "a"), "utf8")).toBe("second");
  });
});
