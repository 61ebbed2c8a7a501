import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDirectory } from "../../../src/shared/files/ensure-directory.ts";
import { temporaryDirectory } from "../../worker/content/fixtures.ts";

test("missing directories are created, the ones above them too", async () => {
  const path = join(temporaryDirectory(), "a/b/c");
  await ensureDirectory(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a directory that exists is left as it is", async () => {
  const path = temporaryDirectory();
  await ensureDirectory(path);
  expect(statSync(path).isDirectory()).toBe(true);
});

test("a file in place of a directory is an error", async () => {
  const path = join(temporaryDirectory(), "file");
  writeFileSync(path, "");
  await expect(ensureDirectory(join(path, "directory"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

test.skipIf(!existsSync("/proc/self"))("a file system that makes no directories is an error, at once", async () => {
  await expect(ensureDirectory("/proc/nope/tftpboot")).rejects.toMatchObject({ code: "ENOENT" });
});

test("two calls that create the same directories at once both succeed", async () => {
  const path = join(temporaryDirectory(), "x/y/z");
  await Promise.all([ensureDirectory(path), ensureDirectory(path)]);
  expect(statSync(path).isDirectory()).toBe(true);
});
