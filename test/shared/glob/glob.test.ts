import * as fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { compileGlob, hasPossibleParts } from "../../../src/shared/glob/glob.ts";

const isMatch = (glob: string, name: string): boolean => compileGlob(glob)(name);

test.each<[glob: string, yes: string[], no: string[]]>([
  ["zImage", ["zImage"], ["zimage", "zImage2", "a/zImage", ""]],
  ["*", ["a", ".hidden", "Küche", "😀"], ["a/b"]],
  ["boards/*", ["boards/1", "boards/.x"], ["boards", "boards/1/2"]],
  ["*.img", ["a.img", ".img"], ["a.imgs", "d/a.img"]],
  ["a*b*c", ["abc", "aXbYc", "abbcc"], ["ab", "acb", "a/b/c"]],
  ["?", ["a", "ü", "😀"], ["", "ab", "/"]],
  ["**", ["a", "a/b/c"], []],
  ["**/b", ["b", "a/b", "a/c/b"], ["ab", "a/bb", "b/a"]],
  ["a/**", ["a", "a/b", "a/b/c"], ["ab", "b/a"]],
  ["a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb", "a/b/c"]],
  ["a**b", ["ab", "axxb"], ["a/b"]],
  ["[a-c]x", ["ax", "cx"], ["dx", "x"]],
  ["[!a-c]x", ["dx"], ["ax", "/x"]],
  ["[]a]", ["]", "a"], ["b"]],
  ["[a", ["[a"], ["a"]],
  ["{one,two}/z", ["one/z", "two/z"], ["three/z", "{one,two}/z"]],
  ["a{,b,{c,d}}", ["a", "ab", "ac", "ad"], ["abc"]],
  ["{a}", ["{a}"], ["a"]],
  ["{8..11}", ["8", "9", "10", "11"], ["7", "12", "1"]],
  ["{08..10}", ["08", "09", "10"], ["8"]],
  ["{a..c}", ["a", "b", "c"], ["d"]],
  ["\\*", ["*"], ["a"]],
  ["a (1).img", ["a (1).img"], ["a 1.img"]],
])("the glob %s", (glob, yes, no) => {
  for (const name of yes) expect({ name, match: isMatch(glob, name) }).toEqual({ name, match: true });
  for (const name of no) expect({ name, match: isMatch(glob, name) }).toEqual({ name, match: false });
});

test.each([
  ["", "1 to 4096"],
  ["a".repeat(4_097), "1 to 4096"],
  ["!a", "negated"],
  ["!(a|b)", "negated"],
  ["a/+(b)", "extended"],
  ["{1..9999}", "more than 1000"],
  ["{1..999}".repeat(30), "too many"],
])("the glob %.20s is refused, with the reason", (glob, reason) => {
  expect(() => compileGlob(glob)).toThrow(reason);
});

test("globs of stars, questions and directories match the same names as picomatch does", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 4 });
  // To picomatch *.* does not match `a.`.
  const dotless = part.filter((text) => !text.endsWith("."));
  const names = fc.array(dotless, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const pieces = fc.array(fc.constantFrom("a", "b", ".", "*", "?", "{a,b}", "[ab]"), { minLength: 1, maxLength: 4 });
  const globs = fc
    .array(
      fc.oneof(
        pieces.map((some) => some.join("").replaceAll(/\*+/g, "*")).filter((text) => !/^\.+$/.test(text)),
        fc.constant("**"),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((parts) => parts.join("/"))
    // Here picomatch differs from itself: a/** matches a, and */** does not.
    .filter((glob) => !/[*?\]}]\/\*\*$/.test(glob));
  fc.assert(
    fc.property(globs, names, (glob, name) => {
      expect({ glob, name, match: isMatch(glob, name) }).toEqual({
        glob,
        name,
        match: picomatch.isMatch(name, glob, { dot: true, windows: false }),
      });
    }),
    { numRuns: 3_000 },
  );
});

describe("no name makes matching slow", () => {
  test.each([
    ["pxelinux.cfg/01-*-*-*-*-*-*", `pxelinux.cfg/01-${"-".repeat(1_300)}/x`],
    [`${"*a".repeat(40)}b`, "a".repeat(1_380)],
    [`${"**/".repeat(40)}b`, "a/".repeat(690)],
    [`${"{a,a,aa}".repeat(30)}b`, "a".repeat(1_380)],
    [`${"{*,?*}".repeat(30)}b`, "a".repeat(1_380)],
  ])("no name makes matching slow: %s", (glob, name) => {
    const matches = compileGlob(glob);
    const before = performance.now();
    expect(matches(name)).toBe(false);
    // It takes some ms; a matcher that goes back would not come to an end within the life of the universe.
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

test("a name with a part of more than 255 bytes is the name of nothing", () => {
  expect(hasPossibleParts(`${"a".repeat(255)}/${"b".repeat(255)}`)).toBe(true);
  expect(hasPossibleParts(`a/${"a".repeat(256)}`)).toBe(false);
  expect(hasPossibleParts("ü".repeat(127))).toBe(true);
  expect(hasPossibleParts("ü".repeat(128))).toBe(false);
  expect(hasPossibleParts("\\xff".repeat(255))).toBe(true);
  expect(hasPossibleParts("\\xff".repeat(256))).toBe(false);
});
