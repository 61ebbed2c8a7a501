import { expect, test } from "vitest";
import type { TransferEndedEvent } from "../../../src/contract/events/events.ts";
import { compileFilter, matches, type TransferFilter } from "../../../src/main/events/transfer-filter.ts";

const board: TransferEndedEvent = {
  type: "transfer-ended",
  at: 0,
  id: 1,
  file: "board1/zImage",
  client: { address: "fd00::17", port: 2_070 },
  outcome: "complete",
  bytes: 5_000,
  durationMs: 12,
  retransmissions: 0,
  blockSize: 512,
  windowSize: 1,
};
const global = /zImage/g;
global.lastIndex = 9;

test.each<[TransferFilter, boolean]>([
  [{}, true],
  [{ file: "board1/zImage" }, true],
  [{ file: "/board1/zImage" }, true],
  [{ file: "board1/*" }, true],
  [{ file: "*" }, false],
  [{ file: "**/{zImage,Image}" }, true],
  [{ file: /^board\d\// }, true],
  [{ file: global }, true],
  [{ file: /^zImage/ }, false],
  [{ client: "fd00:0::0:17" }, true],
  [{ client: "FD00::17" }, true],
  [{ client: "10.0.0.1" }, false],
  [{ outcome: "complete" }, true],
  [{ outcome: ["unconfirmed", "complete"] }, true],
  [{ outcome: "failed" }, false],
  [{ file: "board1/*", client: "fd00::18" }, false],
])("%o matches: %s", (filter, expected) => {
  const matcher = compileFilter(filter);
  // Twice: a RegExp may remember where it was.
  expect([matches(matcher, board), matches(matcher, board)]).toEqual([expected, expected]);
});

test.each([
  ["a (1)[x].bin", "a (1)[x].bin"],
  [".hidden/x", "**"],
])("the name %s is matched by %s", (file, filter) => {
  expect(matches(compileFilter({ file: filter }), { ...board, file })).toBe(true);
});

test("a name with a part of more than 255 bytes is matched by no glob and no RegExp, but by itself", () => {
  for (const [length, expected] of [
    [255, true],
    [256, false],
  ] as const) {
    const file = `a/${"b".repeat(length)}`;
    for (const filter of ["**", /b+/])
      expect(matches(compileFilter({ file: filter }), { ...board, file })).toBe(expected);
    expect(matches(compileFilter({ file }), { ...board, file })).toBe(true);
  }
});

test("link-local addresses are compared with their zone", () => {
  const event = { ...board, client: { address: "fe80::1%eth0", port: 1 } };
  expect(matches(compileFilter({ client: "fe80:0::1%eth0" }), event)).toBe(true);
  expect(matches(compileFilter({ client: "fe80::1%eth1" }), event)).toBe(false);
});

test.each<[TransferFilter, string]>([
  [{ file: "" }, 'file: expected a glob or a RegExp; got ""'],
  [{ client: "board.local" }, 'client: expected a numeric address; got "board.local"'],
  [{ outcome: "done" as "complete" }, "outcome: expected complete, "],
  [{ name: "x" } as TransferFilter, "name: expected file, client or outcome; there is no such filter"],
])("%o is INVALID_OPTION", (filter, message) => {
  expect(() => compileFilter(filter)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining(message) as string }) as Error,
  );
});
