import * as fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "../../src/shared/printable.ts";

const shown = (bytes: string | number[]): string => printable(Buffer.from(bytes as string));

test("printable UTF-8 stands as it is", () => {
  expect(shown("boards/Küche #1/зImage 映像.bin")).toBe("boards/Küche #1/зImage 映像.bin");
  expect(shown("disk😀.img")).toBe("disk😀.img");
});

test("a backslash stays a backslash", () => expect(shown("boot\\x64\\wdsnbp.com")).toBe("boot\\x64\\wdsnbp.com"));

test.each([
  ["a control byte", "a\nb\u001b[31m\u007f", "a\\x0ab\\x1b[31m\\x7f"],
  ["a C1 control character", "a\u0085b", "a\\xc2\\x85b"],
  ["a line separator", "a\u2028b\u2029", "a\\xe2\\x80\\xa8b\\xe2\\x80\\xa9"],
  ["a bidi override", "gpj.\u202eexe", "gpj.\\xe2\\x80\\xaeexe"],
  ["a byte order mark", "\ufeffa", "\\xef\\xbb\\xbfa"],
])("%s is escaped byte by byte", (_, text, expected) => expect(shown(text)).toBe(expected));

test.each([
  ["a lone continuation byte", [0x61, 0x80, 0x62], "a\\x80b"],
  ["a sequence cut short by the end", [0xe6, 0x98], "\\xe6\\x98"],
  ["a sequence cut short by ASCII", [0xc3, 0x41], "\\xc3A"],
  ["an overlong slash", [0xc0, 0xaf], "\\xc0\\xaf"],
  ["a surrogate", [0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"],
  ["Latin-1 before good UTF-8", [0xfc, 0xc3, 0xbc], "\\xfcü"],
])("%s is escaped, and the bytes behind it are read on", (_, bytes, expected) => expect(shown(bytes)).toBe(expected));

test("nothing but printable characters ever comes out", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(printable(bytes)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\ufffd]/u);
    }),
  );
});

test.each([
  ["bytes that are no UTF-8", [0xff]],
  ["such bytes between letters", [0x41, 0xff]],
  ["sequences cut short", [0xf0, 0x9f, 0x98]],
  ["bidi marks", [0xe2, 0x80, 0xae]],
  ["tag characters", [0xf3, 0xa0, 0x81, 0x81]],
])("the longest name of %s costs a small part of a millisecond", (_, pattern) => {
  const name = Buffer.alloc(1_400, Buffer.from(pattern));
  const costs = Array.from({ length: 50 }, () => {
    const before = performance.now();
    printable(name);
    return performance.now() - before;
  });
  // The quickest: the machine has other work as well. A decoder that throws for each byte took 14 ms.
  expect(Math.min(...costs)).toBeLessThan(0.5);
});
