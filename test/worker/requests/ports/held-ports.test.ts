import { expect, test } from "vitest";
import { HeldPorts } from "../../../../src/worker/requests/ports/held-ports.ts";

const range = { from: 50_000, to: 50_099 };
const here = "192.0.2.1";
const none: ReadonlySet<number> = new Set();

test("every port of the range is taken once, in no order, and then there is none", () => {
  const held = new HeldPorts();
  const taken = Array.from({ length: 100 }, () => held.take(range, here, none) ?? 0);
  const sorted = taken.toSorted((a, b) => a - b);
  expect(sorted).toEqual(Array.from({ length: 100 }, (_, index) => range.from + index));
  expect(taken).not.toEqual(sorted);
  expect(held.take(range, here, none)).toBeUndefined();
});

test("a port that was released is the next one, once all others are held", () => {
  const held = new HeldPorts();
  while (held.take(range, here, none) !== undefined);
  held.release(here, 50_042);
  expect(held.take(range, here, none)).toBe(50_042);
});

test("the same port of another address is another port", () => {
  const held = new HeldPorts();
  const one = { from: 7, to: 7 };
  expect(held.take(one, here, none)).toBe(7);
  expect(held.take(one, "192.0.2.2", none)).toBe(7);
  expect(held.take(one, here, none)).toBeUndefined();
});

test("a port that was tried is not given again", () => {
  const held = new HeldPorts();
  expect(held.take({ from: 7, to: 8 }, here, new Set([7]))).toBe(8);
});

test("ports of a range that was configured before do not use the new one up", () => {
  const held = new HeldPorts();
  while (held.take(range, here, none) !== undefined);
  expect(held.take({ from: 50_090, to: 50_100 }, here, none)).toBe(50_100);
});

test("those that wait for a port get the next one that they can use, in turn, and it stays held", async () => {
  const held = new HeldPorts();
  const two = { from: 7, to: 8 };
  while (held.take(two, here, none) !== undefined);
  const first = held.next(two, here, new Set([7]), () => {});
  const second = held.next(two, here, none, () => {});
  held.release(here, 7);
  expect(await second).toBe(7);
  held.release(here, 8);
  expect(await first).toBe(8);
  expect(held.take(two, here, none)).toBeUndefined();
  held.release(here, 8);
  expect(held.take(two, here, none)).toBe(8);
});

test("one that does not wait any more gets none, and the next one gets it", async () => {
  const held = new HeldPorts();
  const one = { from: 7, to: 7 };
  held.take(one, here, none);
  let cancel: (() => void) | undefined;
  const first = held.next(one, here, none, (given) => (cancel = given));
  const second = held.next(one, here, none, () => {});
  cancel?.();
  expect(await first).toBeUndefined();
  held.release(here, 7);
  expect(await second).toBe(7);
});

test("each port of a range comes first about as often as another", () => {
  const firsts = new Map<number, number>();
  for (let round = 0; round < 4_000; round++) {
    const port = new HeldPorts().take({ from: 1, to: 4 }, here, none) ?? 0;
    firsts.set(port, (firsts.get(port) ?? 0) + 1);
  }
  expect([...firsts.keys()].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  expect(Math.min(...firsts.values())).toBeGreaterThan(800);
});
