import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Storage } from "../../../../src/main/storage/storage.ts";
import { codeOf, Grounds } from "../fixtures.ts";

let grounds: Grounds;

/** Everything that takes a path. */
const operations: [string, (storage: Storage, path: string) => Promise<unknown>][] = [
  ["write", (storage, path) => storage.write(path, "x")],
  ["read", (storage, path) => storage.readBytes(path)],
  ["stat", (storage, path) => storage.stat(path)],
  ["exists", (storage, path) => storage.exists(path)],
  ["list", (storage, path) => storage.list(path)],
  ["createDir", (storage, path) => storage.createDir(path)],
  ["copy from", (storage, path) => storage.copy(path, "copy")],
  ["copy to", (storage, path) => storage.copy("file", path)],
  ["rename from", (storage, path) => storage.rename(path, "copy")],
  ["rename to", (storage, path) => storage.rename("file", path)],
  ["delete", (storage, path) => storage.delete(path)],
  ["removeAll", (storage, path) => storage.removeAll(path)],
  ["hash", (storage, path) => storage.hash(path)],
  ["register", (storage, path) => storage.register(path)],
];

beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(join(grounds.above, "outside"));
  mkdirSync(join(grounds.above, "root-sibling"));
  mkdirSync(join(grounds.root, "directory"));
  writeFileSync(join(grounds.above, "outside/x"), "secret");
  writeFileSync(join(grounds.above, "root-sibling/x"), "secret");
  writeFileSync(join(grounds.root, "file"), "file");
  writeFileSync(join(grounds.root, "directory/x"), "inside");
  symlinkSync("../outside", join(grounds.root, "out"));
  symlinkSync("../root-sibling", join(grounds.root, "sibling"));
  symlinkSync("directory", join(grounds.root, "in"));
  symlinkSync("directory/x", join(grounds.root, "in-file"));
  symlinkSync("../outside/x", join(grounds.root, "out-file"));
  symlinkSync("nothing", join(grounds.root, "dangling"));
});

describe.each(operations)("%s", (_, operate) => {
  test.each(["../x", "a/../../x", "directory/..", "out/x", "sibling/x"])(
    "%j is refused: it leads out of the root",
    async (path) => {
      expect(await codeOf(operate(grounds.storage(), path))).toBe("PATH_OUTSIDE_ROOT");
      expect(readFileSync(join(grounds.above, "outside/x"), "utf8")).toBe("secret");
      expect(readFileSync(join(grounds.above, "root-sibling/x"), "utf8")).toBe("secret");
    },
  );

  test("under the policy deny, a link inside the root is refused", async () => {
    expect(await codeOf(operate(grounds.storage({ symlinks: "deny" }), "in/x"))).toBe("FORBIDDEN");
  });
});

test("a link at the end that leads out can be neither written nor read through", async () => {
  const storage = grounds.storage();
  expect(await codeOf(storage.write("out-file", "x"))).toBe("PATH_OUTSIDE_ROOT");
  expect(await codeOf(storage.readBytes("out-file"))).toBe("PATH_OUTSIDE_ROOT");
  expect(await codeOf(storage.stat("out-file"))).toBe("PATH_OUTSIDE_ROOT");
  expect(readFileSync(join(grounds.above, "outside/x"), "utf8")).toBe("secret");
});

test("a link inside the root is written through: what it leads to is replaced, and counts by its own name", async () => {
  const storage = grounds.storage();
  await storage.write("in-file", "new");
  expect(readFileSync(join(grounds.root, "directory/x"), "utf8")).toBe("new");
  await storage.write("in/y", "y");
  expect(await storage.created()).toEqual([{ path: "directory/y", type: "file" }]);
  expect(await codeOf(storage.write("dangling", "x"))).toBe("NOT_FOUND");
});

test("under the policy follow, a link may lead out", async () => {
  const storage = grounds.storage({ symlinks: "follow" });
  expect(Buffer.from(await storage.readBytes("out/x")).toString()).toBe("secret");
  await storage.write("out-file", "changed");
  expect(readFileSync(join(grounds.above, "outside/x"), "utf8")).toBe("changed");
});

test("a link on the way that appears between two calls is not followed out", async () => {
  const storage = grounds.storage();
  await storage.write("moving/a", "x");
  await storage.removeAll("moving");
  symlinkSync("../outside", join(grounds.root, "moving"));
  expect(await codeOf(storage.write("moving/a", "x"))).toBe("PATH_OUTSIDE_ROOT");
});

test("the root may be a link itself", async () => {
  const elsewhere = join(grounds.above, "elsewhere");
  symlinkSync(grounds.root, elsewhere);
  const { LocalDirectory } = await import("../../../../src/main/storage/local/local-directory.ts");
  const directory = new LocalDirectory(elsewhere, "deny");
  expect(await directory.location()).toBe(grounds.root);
  expect(await directory.stat("directory/x")).toMatchObject({ type: "file" });
});
