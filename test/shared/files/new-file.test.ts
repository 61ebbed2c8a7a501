import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { changeMode, createFile, syncData } from "../../../src/shared/files/new-file.ts";

/** Linux, O_DSYNC of asm-generic/fcntl.h. */
const O_DSYNC = 0o10000;

test.skipIf(process.platform !== "linux").each([
  ["a file under the permission model is written through to the disk", true, true, O_DSYNC],
  ["without sync it is not", true, false, 0],
  ["without the permission model it is not, for fdatasync() comes later", false, true, 0],
])("%s", async (_, restricted, sync, expected) => {
  if (restricted) restrict();
  const file = await newFile({ sync });
  expect(flagsOf(file) & O_DSYNC).toBe(expected);
  await file.write("content");
  await syncData(file);
});

test("a new file has its mode at once, less the umask, and changeMode() adds what the umask took", async () => {
  const file = await newFile({ sync: false, mode: 0o666 });
  expect((await file.stat()).mode & 0o777).toBe(0o666 & ~process.umask());
  await changeMode(file, 0o666);
  expect((await file.stat()).mode & 0o777).toBe(0o666);
});

test("a file that is there is not opened", async () => {
  const path = join(directory(), "file");
  await using file = await createFile(path, { sync: true });
  await expect(createFile(path, { sync: true }), String(file.fd)).rejects.toMatchObject({ code: "EEXIST" });
});

async function newFile(options: { sync: boolean; mode?: number }): Promise<FileHandle> {
  const file = await createFile(join(directory(), "file"), options);
  onTestFinished(() => file.close());
  return file;
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "tftp-new-file-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function flagsOf({ fd }: FileHandle): number {
  const [, octal = ""] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8")) ?? [];
  return Number.parseInt(octal, 8);
}

/** As under the permission model, for the rest of the test. */
function restrict(): void {
  Object.defineProperty(process, "permission", { value: {}, configurable: true });
  onTestFinished(() => void Reflect.deleteProperty(process, "permission"));
}
