import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileCapturing, compileGlob } from "../../../src/shared/glob/glob.ts";

test.each<[glob: string, name: string, captures: string[]]>([
  ["zImage", "zImage", []],
  ["*", "zImage", ["zImage"]],
  ["*-*", "a-b-c", ["a-b", "c"]],
  ["boards/*/*.img", "boards/one/root.img", ["one", "root"]],
  ["boards/?[0-9]/*", "boards/b7/x", ["b", "7", "x"]],
  ["**/zImage", "zImage", [""]],
  ["**/zImage", "a/b/zImage", ["a/b"]],
  ["a/**", "a/b/c", ["b/c"]],
  ["a/**", "a", [""]],
  ["**", "a/b", ["a/b"]],
  ["{a,ab}*", "abc", ["a", "bc"]],
  ["{x*,y}/[!a-c]", "xyz/d", ["xyz", "d"]],
  ["*ü?", "gü😀", ["g", "😀"]],
])("the wildcards of %s stand in %s for %j", (glob, name, captures) => {
  const compiled = compileCapturing(glob);
  expect(compiled.captures(name)).toEqual(captures);
  expect(compiled.count).toBe(captures.length);
});

test("what does not match has no captures", () => {
  expect(compileCapturing("boards/*").captures("boards/a/b")).toBeUndefined();
  expect(compileCapturing("zImage").captures("zimage")).toBeUndefined();
});

test("a glob that ignores the case captures letters as they are", () => {
  expect(compileCapturing("Boot/*.EFI", true).captures("bOOT/GrubX64.efi")).toEqual(["GrubX64"]);
  expect(compileCapturing("Boot/*.EFI").captures("bOOT/GrubX64.efi")).toBeUndefined();
});

test("captures put back into the glob make the name again", () => {
  const part = fc.string({ unit: fc.constantFrom("a", "b", "/", "-"), maxLength: 8 });
  const glob = fc.array(fc.constantFrom("a", "b", "-", "/", "*", "?", "{a,ab}"), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(glob, part, (elements, name) => {
      const text = elements.join("").replace(/\*+/g, "*");
      if (text.replace(/^\/+/, "") === "") return;
      const captures = compileCapturing(text).captures(name);
      expect(captures !== undefined).toBe(compileGlob(text)(name));
      let index = 0;
      const filled = text.replace(/^\/+/, "").replace(/\*|\?|\{a,ab\}/g, () => captures?.[index++] ?? "");
      expect(captures ? filled : name).toBe(name);
    }),
  );
});

test("a name that leads a glob of many stars astray does not take for ever", () => {
  expect(compileCapturing(`${"*a".repeat(40)}b`).captures("a".repeat(250))).toBeUndefined();
  expect(compileCapturing("*a".repeat(40)).captures("a".repeat(250))).toHaveLength(40);
});
