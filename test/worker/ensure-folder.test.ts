import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureFolder } from "../../src/worker/ensure-folder.ts";
import { temporaryFolder } from "./content/fixtures.ts";

test("missing folders are created, the ones above them too", async () => {
  const path = join(temporaryFolder(), "a/b/c");
  await ensureFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a folder that exists is left as it is", async () => {
  const path = temporaryFolder();
  await ensureFolder(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in the way is an error", async () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "");
  await expect(ensureFolder(join(path, "folder"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.skipIf(!existsSync("/proc/self"))("a file system that makes no folders is an error, at once", async () => {
  await expect(ensureFolder("/proc/nope/tftpboot")).rejects.toMatchObject({ code: "ENOENT" });
});

test("of two who create the same folders at once both succeed", async () => {
  const path = join(temporaryFolder(), "x/y/z");
  await Promise.all([ensureFolder(path), ensureFolder(path)]);
  expect(statSync(path).isDirectory()).toBe(true);
});
