import { chmodSync, chownSync, lchownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { assertTrustedDirectory } from "../../../src/shared/files/trust.ts";

const STRANGER = 54_321;
const isRoot = process.getuid?.() === 0;

let above: string;
let directory: string;
let trust: () => Promise<void>;

beforeEach(() => {
  const ground = mkdtempSync(join(tmpdir(), "tftp-trust-"));
  onTestFinished(() => rmSync(ground, { recursive: true, force: true }));
  above = join(ground, "above");
  directory = join(above, "directory");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  trust = () => assertTrustedDirectory(directory);
});

describe.skipIf(process.platform === "win32")("a directory is trusted", () => {
  test("if it and those above it are ours, and nobody else may write to them", async () => {
    await expect(trust()).resolves.toBeUndefined();
  });

  test("not if it is a file", async () => {
    await expect(assertTrustedDirectory(process.execPath)).rejects.toThrow("is not a directory");
  });

  test.each([0o770, 0o707, 0o1777])("not if it has the mode %o", async (mode) => {
    chmodSync(directory, mode);
    await expect(trust()).rejects.toThrow(`${directory} belongs to another user`);
  });

  test("not if others may replace it in the directory above", async () => {
    chmodSync(above, 0o777);
    await expect(trust()).rejects.toThrow(`${above} belongs to another user`);
  });

  test("if the directory above is sticky, for others cannot replace what is ours there", async () => {
    chmodSync(above, 0o1777);
    await expect(trust()).resolves.toBeUndefined();
  });

  test("not through a link in a directory in which others may replace it", async () => {
    const open = join(above, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);
    symlinkSync(directory, join(open, "link"));
    await expect(assertTrustedDirectory(join(open, "link"))).rejects.toThrow(`${open} belongs to another user`);
  });

  test("through a link of our own, as systemd makes one", async () => {
    symlinkSync(directory, join(above, "link"));
    await expect(assertTrustedDirectory(join(above, "link"))).resolves.toBeUndefined();
  });
});

describe.skipIf(!isRoot)("a directory of which something is another user's", () => {
  test("is not trusted if it is itself", async () => {
    chownSync(directory, STRANGER, STRANGER);
    await expect(trust()).rejects.toThrow(`${directory} belongs to another user`);
  });

  test.each([0o755, 0o1777])("is not trusted if the directory above it is, with the mode %o", async (mode) => {
    chownSync(above, STRANGER, STRANGER);
    chmodSync(above, mode);
    await expect(trust()).rejects.toThrow(`${above} belongs to another user`);
  });

  test("is not trusted through a link of that user's, which could lead elsewhere a moment later", async () => {
    const sticky = join(above, "sticky");
    const link = join(sticky, "link");
    mkdirSync(sticky);
    chmodSync(sticky, 0o1777);
    symlinkSync(directory, link);
    lchownSync(link, STRANGER, STRANGER);
    await expect(assertTrustedDirectory(link)).rejects.toThrow(`${link} is a link that belongs to another user`);
  });
});
