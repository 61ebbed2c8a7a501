import { expect, test } from "vitest";
import { VirtualRules } from "../../../../src/worker/content/virtual/virtual-rules.ts";

test.each<[string | RegExp, string, boolean]>([
  ["pxelinux.cfg/*", "pxelinux.cfg/01-88-99-aa-bb-cc-dd", true],
  ["pxelinux.cfg/*", "pxelinux.cfg/a/b", false],
  ["/pxelinux.cfg/*", "pxelinux.cfg/default", true],
  ["**", "a/b/c", true],
  ["*", ".hidden", true],
  ["**/*.{img,bin}", "boards/one/u-boot.img", true],
  ["a\\*b", "a*b", true],
  ["a\\*b", "axb", false],
  ["boot", "boot", true],
  ["boot", "Boot", false],
  ["a/b", "a\\b", false],
  [/^boards\/\d+\//, "boards/17/dtb", true],
  [/^boards\/\d+\//i, "BOARDS/17/dtb", true],
  [/dtb$/, "boards/17/dtb.old", false],
])("%s and %j: %s", (pattern, file, matches) => {
  const list = new VirtualRules();
  list.add({ id: 1, pattern });
  expect(list.matching(file)).toHaveLength(matches ? 1 : 0);
});

test.each([/a/g, /a/y])("the rule %s matches the same name each time", (pattern) => {
  const list = new VirtualRules();
  list.add({ id: 1, pattern });
  for (let round = 0; round < 3; round += 1) expect(list.matching("a")).toHaveLength(1);
});

test("rules come in the order in which they were added, until they are removed", () => {
  const list = new VirtualRules();
  for (const id of [3, 1, 2]) list.add({ id, pattern: "a" });
  list.remove(1);
  list.remove(1);
  expect(list.matching("a").map(({ id }) => id)).toEqual([3, 2]);
});
