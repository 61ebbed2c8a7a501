import { expect, test } from "vitest";
import { formatBytes, formatDuration, formatProgress, printable } from "../../../src/status/text/format.ts";

test.each([
  [0, "0 B"],
  [1_023, "1023 B"],
  [1_024, "1.0 KiB"],
  [10 * 1_024, "10 KiB"],
  [1_572_864, "1.5 MiB"],
  [1_023.4, "1023 B"],
  [1_023.5, "1.0 KiB"],
  [9.94 * 1_024, "9.9 KiB"],
  [9.96 * 1_024, "10 KiB"],
  [1_023 * 1_024, "1023 KiB"],
  [1_024 ** 2 - 1, "1.0 MiB"],
  [5 * 1_024 ** 5, "5120 TiB"],
])("%d bytes read as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [8.4, "8 ms"],
  [1_500, "1.5 s"],
  [999.4, "999 ms"],
  [999.5, "1.0 s"],
  [59_949, "59.9 s"],
  [59_951, "1 min 0 s"],
  [125_000, "2 min 5 s"],
  [3_599_999, "59 min 59 s"],
  [3_725_000, "1 h 2 min"],
  [86_399_999, "23 h 59 min"],
  [273_600_000, "3 d 4 h"],
])("%d ms read as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("a bar shows the share; without a total, the amount", () => {
  expect(formatProgress(512, 1_024, 10)).toBe("[#####-----]  50% of 1.0 KiB");
  expect(formatProgress(0, 0, 4)).toBe("[####] 100% of 0 B");
  expect(formatProgress(2_048, undefined)).toBe("2.0 KiB");
});

test("control characters are shown, not sent", () => {
  expect(printable("a\u001b[2Jb\nc\u2028ü\u202e")).toBe(String.raw`a\x1b[2Jb\x0ac\u{2028}ü\u{202e}`);
});
