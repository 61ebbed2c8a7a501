import fc from "fast-check";
import { expect, test } from "vitest";
import { extentAt, extentsFrom } from "../../../../src/worker/content/object-store/extents.ts";

test("extents cover an object from its first byte to its last, without gap or overlap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000_000 }), (size) => {
      let end = 0;
      for (const { start, length } of extentsFrom(0, size)) {
        expect(start).toBe(end);
        expect(length).toBeGreaterThan(0);
        end = start + length;
      }
      expect(end).toBe(size);
    }),
  );
});

test("a position lies in the same extent for every reader", () => {
  const size = 5_000_001;
  const all = [...extentsFrom(0, size)];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: size - 1 }), (position) => {
      const extent = extentAt(position, size);
      expect(extent.start <= position && position < extent.start + extent.length).toBe(true);
      expect(all).toContainEqual(extent);
    }),
  );
});

test("the first extent is small, those that follow double up to 1 MiB", () => {
  const lengths = Array.from(extentsFrom(0, 4 << 20), ({ length }) => length / 1_024);
  expect(lengths).toEqual([128, 256, 512, 1_024, 1_024, 1_024, 128]);
});
