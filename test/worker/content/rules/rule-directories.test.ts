import { expect, test } from "vitest";
import type { RootedDirectory } from "../../../../src/worker/content/directory/rooted-directory.ts";
import { RuleDirectories } from "../../../../src/worker/content/rules/rule-directories.ts";

test("requests of one moment share a directory, and so the files that are open in it", async () => {
  let opens = 0;
  const directories = new RuleDirectories(async () => (opens++, {} as RootedDirectory));
  const [one, other] = await Promise.all([directories.get("boards"), directories.get("boards")]);
  expect(one).toBe(other);
  expect(opens).toBe(1);
});

test("a directory that is missing is looked for again", async () => {
  let isThere = false;
  const directories = new RuleDirectories(async () => {
    if (!isThere) throw Object.assign(new Error("ENOENT"), { code: "ENOENT" });
    return {} as RootedDirectory;
  });
  await expect(directories.get("boards")).rejects.toMatchObject({ code: "ENOENT" });
  isThere = true;
  await directories.get("boards");
});

test("256 directories are remembered, the most recently used ones", async () => {
  const opened: string[] = [];
  const directories = new RuleDirectories(async (path) => (opened.push(path), {} as RootedDirectory));
  for (let at = 0; at < 256; at++) await directories.get(`${at}`);
  await directories.get("0");
  await directories.get("new");
  await directories.get("0");
  expect(opened).toHaveLength(257);
  await directories.get("1");
  expect(opened.at(-1)).toBe("1");
});
