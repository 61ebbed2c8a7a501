import { describe, expect, test } from "vitest";
import { PacketViews } from "../../../../src/worker/transport/dgram/packet-views.ts";

const numbers = Uint8Array.from({ length: 3_000 }, (_, index) => index);

describe("a view of a packet", () => {
  test("a view of a packet has the bytes that were asked for", () => {
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

  test("a view is made once for each packet of a buffer", () => {
    const views = new PacketViews();
    const first = views.packet(numbers, 1_000, 1_000, 1_000);
    expect(views.packet(numbers, 1_000, 1_000, 1_000)).toBe(first);
    expect(views.packet(numbers.slice(), 1_000, 1_000, 1_000)).not.toBe(first);
  });

  test("views of tiny packets are not kept", () => {
    const views = new PacketViews();
    expect(views.packet(numbers, 8, 8, 8)).not.toBe(views.packet(numbers, 8, 8, 8));
  });

  test("the view of a buffer that is one packet is the buffer itself", () => {
    expect(new PacketViews().packet(numbers, 0, 3_000, 3_000)).toBe(numbers);
  });
});
