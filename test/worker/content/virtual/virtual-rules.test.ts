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

test("rules for one name and patterns come in the one order in which they were added", () => {
  const list = new VirtualRules();
  const patterns = ["a/*", "a/b", /^a/, "./a/b", "**", "a/c"];
  for (const [id, pattern] of patterns.entries()) list.add({ id, pattern });
  expect(list.matching("a/b").map(({ id }) => id)).toEqual([0, 1, 2, 3, 4]);
  list.remove(1);
  expect(list.matching("a/b").map(({ id }) => id)).toEqual([0, 2, 3, 4]);
  list.remove(3);
  expect(list.matching("a/b").map(({ id }) => id)).toEqual([0, 2, 4]);
});

test("a request costs the same beside 50,000 rules for other names as beside 50", () => {
  const few = costOf(50);
  // Trying each of them would cost a thousand times as much.
  expect(costOf(50_000) / few).toBeLessThan(50);
});

/** In ms: the best of some tries, for another program may take the processor during one. */
function costOf(count: number): number {
  const list = new VirtualRules();
  for (let id = 0; id < count; id++) list.add({ id, pattern: `board${id}/boot.cfg` });
  const tries = Array.from({ length: 7 }, () => {
    const started = performance.now();
    for (let request = 0; request < 200; request++)
      list.matching(`board${request % 40}/${request % 2 ? "boot.cfg" : "other"}`);
    return performance.now() - started;
  });
  return Math.min(...tries);
}
