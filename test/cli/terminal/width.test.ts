import { expect, test } from "vitest";
import { cut, cutStart, fit, fitEnd, textWidth } from "../../../src/cli/terminal/width.ts";

test.each([
  ["zImage", 6],
  ["", 0],
  ["Grüße", 5],
  ["Gru\u0308ße", 5],
  ["漢字", 4],
  ["한국어", 6],
  ["ｆｕｌｌ", 8],
  ["🚀.bin", 6],
  ["█░…·", 4],
  ["❤️", 2],
  ["👩‍🔬", 2],
  ["🇩🇪", 2],
  ["a\u200bb", 2],
])("%s takes %i columns", (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test("a text that is too long is cut at its end, or its start, to at most the given columns", () => {
  expect(cut("abcdef", 4, "…")).toBe("abc…");
  expect(cutStart("board1/zImage", 8, "…")).toBe("…/zImage");
  expect(cutStart("board1/zImage", 8, "...")).toBe("...Image");
  expect(cut("漢字漢字", 4, "…")).toBe("漢…");
  expect(cut("abc", 0, "…")).toBe("");
});

test("a short text is padded, also if a wide character does not fit in whole", () => {
  expect(fit("ab", 4, "…")).toBe("ab  ");
  expect(fit("漢字漢字", 4, "…")).toBe("漢… ");
  expect(fitEnd("漢字漢字", 4, "…")).toBe("…字 ");
});

test("an accent is not parted from its letter", () => {
  expect(cutStart("xxu\u0308b", 3, "…")).toBe("…u\u0308b");
});

test("a sequence of code points that is one sign is kept or cut as a whole", () => {
  expect(cut("👩‍🔬👩‍🔬", 3, "…")).toBe("👩‍🔬…");
  expect(cutStart("👩‍🔬👩‍🔬", 3, "…")).toBe("…👩‍🔬");
});
