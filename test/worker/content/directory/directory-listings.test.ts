import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { DirectoryListings } from "../../../../src/worker/content/directory/directory-listings.ts";
import { findIgnoringCase } from "../../../../src/worker/content/directory/ignoring-case.ts";
import { named, temporaryDirectory } from "../fixtures.ts";

/** A directory counts as settled: its times cannot be set back (ctime), so the clock goes on. */
function aged(): void {
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(Date.now() + 10_000);
}

function filled(count: number): Buffer {
  const root = temporaryDirectory();
  for (let at = 0; at < count; at++) writeFileSync(join(root, `File-${at}`), "");
  return Buffer.from(root);
}

async function like(listings: DirectoryListings, root: Buffer, name: string): Promise<readonly string[]> {
  return (await listings.like(root, Buffer.from(name))).map(String);
}

test("a flood of missing names reads a directory that does not change once", async () => {
  const root = filled(100);
  aged();
  const listings = new DirectoryListings();
  const begun = performance.now();
  for (let at = 0; at < 500; at++) expect(await like(listings, root, `missing-${at}`)).toEqual([]);
  expect(await like(listings, root, "fILE-7")).toEqual(["File-7"]);
  // No listing is believed for longer than 5 s, and a busy machine may take them.
  expect(listings.readings).toBeLessThanOrEqual(1 + Math.floor((performance.now() - begun) / 5_000));
});

test("requests of one moment share a reading, of a directory that has just changed, too", async () => {
  const root = filled(10);
  const listings = new DirectoryListings();
  await Promise.all(Array.from({ length: 1_000 }, (_, at) => like(listings, root, `missing-${at}`)));
  expect(listings.readings).toBeLessThanOrEqual(3);
});

test("what was written a moment ago is found, and what was removed is not", async () => {
  const root = filled(10);
  aged();
  const listings = new DirectoryListings();
  expect(await like(listings, root, "new")).toEqual([]);
  writeFileSync(join(root.toString(), "NEW"), "");
  expect(await like(listings, root, "new")).toEqual(["NEW"]);
  rmSync(join(root.toString(), "NEW"));
  expect(await like(listings, root, "new")).toEqual([]);
});

test("a file that comes while a directory is read is found by a request that comes behind it", async () => {
  const root = filled(3_000);
  const listings = new DirectoryListings();
  const earlier = like(listings, root, "late");
  await vi.waitFor(() => expect(listings.readings).toBe(1), { interval: 1 });
  writeFileSync(join(root.toString(), "LATE"), "");
  expect(await like(listings, root, "late")).toEqual(["LATE"]);
  await earlier;
});

test("in a missing directory, a file and a circle of links there is nothing; other trouble is no missing name", async () => {
  const root = filled(1).toString();
  symlinkSync("circle", join(root, "circle"));
  const listings = new DirectoryListings();
  for (const name of ["missing", "File-0", "circle"])
    expect(await like(listings, Buffer.from(join(root, name)), "x")).toEqual([]);
  const failing = { like: () => Promise.reject(Object.assign(new Error("EMFILE"), { code: "EMFILE" })) };
  const finding = findIgnoringCase(Buffer.from(root), named("x"), undefined, failing as unknown as DirectoryListings);
  await expect(finding).rejects.toMatchObject({ code: "EMFILE" });
});

test("a name with a part of more than 255 bytes, and one that is not wanted any more, has nothing read", async () => {
  const listings = new DirectoryListings();
  const root = filled(1);
  await findIgnoringCase(root, named("x".repeat(256)), undefined, listings);
  await findIgnoringCase(root, named("x"), () => false, listings);
  expect(listings.readings).toBe(0);
});

test("directories are read one at a time, for a fifth of the time", async () => {
  const listings = new DirectoryListings();
  const roots = [filled(3_000), filled(3_000), filled(3_000)];
  const before = performance.now();
  const ends = await Promise.all(
    roots.map(async (root) => {
      await like(listings, root, "x");
      return performance.now() - before;
    }),
  );
  // The first one takes t; the second begins after 5 t, the third after 10 t or so.
  expect(ends[2]! / ends[0]!).toBeGreaterThan(4);
});
