import { chmodSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ContentFile } from "../../../../src/worker/content/content.ts";
import { RootedDirectory } from "../../../../src/worker/content/directory/rooted-directory.ts";
import { contentOf, named, temporaryDirectory, verdict } from "../fixtures.ts";
import { handlesAreKnown, openHandles } from "../../../helpers/open-handles.ts";

const noHandles = !handlesAreKnown;

async function opened(): Promise<{
  path: string;
  root: RootedDirectory;
  first: ContentFile;
  open: () => Promise<ContentFile>;
}> {
  const directory = temporaryDirectory();
  const path = join(directory, "image");
  writeFileSync(path, "old");
  const root = await RootedDirectory.open(directory, "inside");
  return { path, root, first: await root.open(named("image")), open: () => root.open(named("image")) };
}

test.skipIf(noHandles)("transfers of one file at once share one descriptor, and the last one closes it", async () => {
  const { first, open } = await opened();
  const before = openHandles();
  const others = await Promise.all([open(), open(), open()]);
  expect(openHandles()).toBe(before);
  for (const file of others) await file.close();
  expect(await contentOf(first)).toEqual(Buffer.from("old"));
  expect(openHandles()).toBe(before - 1);
});

test("a file closed by one transfer stays readable for the other", async () => {
  const { first, open } = await opened();
  const second = await open();
  await first.close();
  expect(await contentOf(second)).toEqual(Buffer.from("old"));
});

test("a file that was renamed over is opened anew, and the transfer before it keeps the old content", async () => {
  const { path, first, open } = await opened();
  writeFileSync(`${path}.new`, "new");
  renameSync(`${path}.new`, path);
  expect(await contentOf(await open())).toEqual(Buffer.from("new"));
  expect(await contentOf(await open())).toEqual(Buffer.from("new"));
  expect(await contentOf(first)).toEqual(Buffer.from("old"));
});

test("a file that was removed is not found, though another transfer has it open", async () => {
  const { path, first, open } = await opened();
  rmSync(path);
  expect(await verdict(open())).toBe("not-found");
  expect(await contentOf(first)).toEqual(Buffer.from("old"));
});

test("a name that was pointed outside is refused, though another transfer has it open", async () => {
  const { path, first, open } = await opened();
  const outside = join(temporaryDirectory(), "secret");
  writeFileSync(outside, "secret");
  rmSync(path);
  symlinkSync(outside, path);
  expect(await verdict(open())).toBe("outside-root");
  await first.close();
});

test("a file whose permissions changed is opened anew", async () => {
  const { path, first, open } = await opened();
  const before = first.identity;
  chmodSync(path, 0o600);
  const second = await open();
  expect(second.identity).not.toBe(before);
  await Promise.all([first.close(), second.close()]);
});
