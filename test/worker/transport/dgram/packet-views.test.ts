import { describe, expect, test } from "vitest";
import { PacketViews } from "../../../../src/worker/transport/dgram/packet-views.ts";

const numbers = Uint8Array.from({ length: 3_000 }, (_, index) => index);

describe("a view of a packet", () => {
  test("is of the bytes that were asked for", () => {
    const views = new PacketViews();
    for (const [offset, length, segment] of [
      [0, 1_000, 1_000],
      [1_000, 1_000, 1_000],
      [2_000, 500, 1_000],
      [2_000, 1_000, 1_000],
      [2_000, 600, 500],
      [1_500, 600, 1_000],
      [8, 8, 8],
      [0, 3_000, 3_000],
    ] as const) {
      expect(views.packet(numbers, offset, length, segment)).toEqual(numbers.slice(offset, offset + length));
    }
  });

  test("is made once for each packet of a buffer", () => {
    const views = new PacketViews();
    const first = views.packet(numbers, 1_000, 1_000, 1_000);
    expect(views.packet(numbers, 1_000, 1_000, 1_000)).toBe(first);
    expect(views.packet(numbers.slice(), 1_000, 1_000, 1_000)).not.toBe(first);
  });

  test("is not kept where packets are tiny", () => {
    const views = new PacketViews();
    expect(views.packet(numbers, 8, 8, 8)).not.toBe(views.packet(numbers, 8, 8, 8));
  });

  test("is the buffer itself where that is one packet", () => {
    expect(new PacketViews().packet(numbers, 0, 3_000, 3_000)).toBe(numbers);
  });
});
