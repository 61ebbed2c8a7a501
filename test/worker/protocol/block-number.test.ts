import fc from "fast-check";
import { expect, test } from "vitest";
import {
  blocksAhead,
  largestWindow,
  numberAfter,
  numberOf,
  type Rollover,
} from "../../../src/worker/protocol/block-number.ts";

const rollover = fc.constantFrom<Rollover>(0, 1);
const block = fc.oneof(fc.nat(2_000_000), fc.constantFrom(65_534, 65_535, 65_536, 131_070, 131_071, 131_072));

test("the number after a block's is the next block's", () => {
  fc.assert(
    fc.property(block, rollover, (number, start) => {
      expect(numberAfter(numberOf(number, start), start)).toBe(numberOf(number + 1, start));
    }),
  );
});

test("within the largest window each number names one block, as far ahead as it was sent", () => {
  fc.assert(
    fc.property(block, rollover, fc.nat(65_534), (acknowledged, start, ahead) => {
      const step = Math.min(ahead, largestWindow(start));
      expect(blocksAhead(acknowledged, numberOf(acknowledged + step, start), start)).toBe(step);
    }),
  );
});

test("with rollover 1 number 0 names the ACK of the OACK, and no block", () => {
  fc.assert(
    fc.property(block, (acknowledged) => {
      expect(numberOf(acknowledged + 1, 1)).toBeGreaterThan(0);
      expect(blocksAhead(acknowledged, 0, 1)).toBe(acknowledged === 0 ? 0 : Infinity);
    }),
  );
});
