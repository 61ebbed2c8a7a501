import { expect, test } from "vitest";
import { identify } from "../../../../src/worker/content/object-store/object-identity.ts";
import { objectKey } from "../../../../src/worker/content/object-store/object-key.ts";

const parts = (...names: (string | number[])[]) => names.map((name) => Buffer.from(name as string));

test.each([
  ["parts are joined by slashes", parts("board1", "zImage"), "board1/zImage"],
  ["letters beyond ASCII, spaces inside and colons are legal", parts("größe 1:2"), "größe 1:2"],
  ["bytes that are not UTF-8 name no object", parts([0x66, 0xff]), undefined],
  ["white space at an end names no object, for OpenDAL would cut it off", parts("zImage "), undefined],
])("an object's key: %s", (_fact, name, key) => {
  expect(objectKey(name)).toBe(key);
});

const lastModified = "2026-11-23T19:05:48Z";

test("a strong etag proves an object's content at once", () => {
  const one = identify("a", { kind: "file", size: 3, etag: '"1"', lastModified });
  expect(one.settledFrom).toBe(0);
  expect(identify("a", { kind: "file", size: 3, etag: '"2"', lastModified }).identity).not.toBe(one.identity);
  expect(identify("b", { kind: "file", size: 3, etag: '"1"', lastModified }).identity).not.toBe(one.identity);
});

test.each([undefined, 'W/"1"'])(
  "with the etag %s the time proves an object's content, once its clock has ticked",
  (etag) => {
    const stat = { kind: "file", size: 3, lastModified, ...(etag !== undefined && { etag }) } as const;
    expect(identify("a", stat).settledFrom).toBe(Date.parse(lastModified) + 2_000);
    const later = identify("a", { ...stat, lastModified: "2026-11-23T19:05:49Z" });
    expect(later.identity).not.toBe(identify("a", stat).identity);
  },
);

test("without etag and time nothing proves an object's content", () => {
  expect(identify("a", { kind: "file", size: 3 }).identity).toBeUndefined();
});
