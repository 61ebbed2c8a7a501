import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { identityOf } from "../../../../src/main/storage/local/identity.ts";
import { Grounds } from "../fixtures.ts";

test("the identity of a file is its number and its time of birth", () => {
  const grounds = new Grounds();
  const path = join(grounds.root, "a");
  writeFileSync(path, "a");
  const before = identityOf(statSync(path, { bigint: true }));
  writeFileSync(path, "longer");
  const stat = statSync(path, { bigint: true });
  expect(identityOf(stat) === before).toBe(stat.birthtimeNs > 0n);
});

test("on a file system without times of birth, what was written to since, and every directory, stays after close()", async ({
  skip,
}) => {
  const grounds = new Grounds();
  if (!mountWithoutBirth(grounds.root)) {
    if (process.env["REQUIRE_CLIENTS"] === "1") throw new Error("ramfs cannot be mounted here");
    skip("ramfs cannot be mounted here");
  }
  const storage = grounds.storage();
  await storage.write("directory/reused", "ours");
  await storage.write("removed", "ours");
  // Another file that has got the same number, as far as one can tell.
  utimesSync(join(grounds.root, "directory/reused"), 1, 1);
  await storage.close();
  expect(grounds.tree()).toEqual(["directory/", "directory/reused"]);
  expect(await storage.leftovers()).toMatchObject([
    { path: "directory/reused", reason: "replaced" },
    { path: "directory", reason: "unidentified" },
  ]);
});

function mountWithoutBirth(path: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync("/proc/mounts")) return false;
  try {
    execFileSync("mount", ["-t", "ramfs", "none", path], { stdio: "ignore" });
  } catch {
    return false;
  }
  onTestFinished(() => {
    execFileSync("umount", [path]);
    rmSync(path, { recursive: true, force: true });
  });
  mkdirSync(join(path, "probe"));
  const hasNone = statSync(join(path, "probe"), { bigint: true }).birthtimeNs === 0n;
  rmSync(join(path, "probe"), { recursive: true });
  return hasNone;
}
