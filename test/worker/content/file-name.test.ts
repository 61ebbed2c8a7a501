import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Refused } from "../../../src/worker/content/content.ts";
import { parseFileName } from "../../../src/worker/content/file-name.ts";

const parse = (text: string) => parseFileName(Buffer.from(text, "latin1"));
const join = (parts: readonly Uint8Array[] | undefined) => parts?.map((part) => Buffer.from(part).toString("latin1"));

function reasonOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof Refused) return error.reason;
    throw error;
  }
  return "none";
}

describe("parts", () => {
  test.each([
    ["zImage", ["zImage"]],
    ["/zImage", ["zImage"]],
    ["//boards///1/zImage", ["boards", "1", "zImage"]],
    ["./boards/./1/zImage/", ["boards", "1", "zImage"]],
    ["pxelinux.cfg/01-88-99-aa-bb-cc-dd", ["pxelinux.cfg", "01-88-99-aa-bb-cc-dd"]],
    [" a b /c:d", [" a b ", "c:d"]],
    ["...", ["..."]],
    ["..a/b../.c", ["..a", "b..", ".c"]],
    ["caf\xe9\xff", ["caf\xe9\xff"]],
  ])("%j has these parts", (name, parts) => {
    expect(join(parse(name).parts)).toEqual(parts);
    expect(parse(name).alternative).toBeUndefined();
  });
});

describe("with a backslash there is an alternative, which reads it as a slash", () => {
  test.each([
    ["boot\\x64\\pxe.0", ["boot\\x64\\pxe.0"], ["boot", "x64", "pxe.0"]],
    ["\\boot\\\\.\\a/b", ["\\boot\\\\.\\a", "b"], ["boot", "a", "b"]],
    ["a\\", ["a\\"], ["a"]],
    ["\\", ["\\"], undefined],
  ])("%j with its backslashes as slashes has these parts", (name, parts, alternative) => {
    expect(join(parse(name).parts)).toEqual(parts);
    expect(join(parse(name).alternative?.parts)).toEqual(alternative);
  });
});

test.each(["..", "/..", "../x", "a/../b", "a/..", "..\\x", "a\\..\\b", "a/..\\b", "a\\../b", "\\..", "a\\..", ".."])(
  "%j is outside the root",
  (name) => expect(reasonOf(name)).toBe("outside-root"),
);

test.each(["", "/", "//", ".", "./", "/././/"])("%j is the root itself, not a file", (name) =>
  expect(reasonOf(name)).toBe("not-a-file"),
);

test("a NUL inside a name is a bad request", () => expect(reasonOf("a\0b")).toBe("bad-request"));

test("a name's text joins the literal parts, and escapes what is not printable", () => {
  expect(parse("/a//b\\c").text).toBe("a/b\\c");
  expect(parse("a\n/\xff").text).toBe("a\\x0a/\\xff");
});

test.each([
  ".tftp-driver-tmp-0123456789abcdef",
  "boards/.tftp-driver-tmp-x",
  "boards\\.tftp-driver-tmp-x",
  ".TFTP-Driver-TMP-x",
])("%j is a temporary name of storage: not found", (name) => expect(reasonOf(name)).toBe("not-found"));

test("a name outlives the datagram that it came in", () => {
  const datagram = Buffer.from("a/b\\c");
  const name = parseFileName(datagram.subarray(0));
  datagram.fill(0x58);
  expect(join(name.parts)).toEqual(["a", "b\\c"]);
  expect(join(name.alternative?.parts)).toEqual(["a", "b", "c"]);
});

test("no part of a name is ever empty, a dot, two dots, or holds a separator", () => {
  const bytes = fc.array(fc.constantFrom(...Buffer.from("./\\a\xff", "latin1")), { maxLength: 12 });
  fc.assert(
    fc.property(bytes, (name) => {
      const text = Buffer.from(name).toString("latin1");
      if (reasonOf(text) !== "none") return;
      const { parts, alternative } = parse(text);
      for (const part of join(parts)!) expect(part).toMatch(/^(?!\.{1,2}$)[^/]+$/);
      for (const part of join(alternative?.parts) ?? []) expect(part).toMatch(/^(?!\.{1,2}$)[^/\\]+$/);
    }),
  );
});
