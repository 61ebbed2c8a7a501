import fc from "fast-check";
import { expect, test } from "vitest";
import { type QueueEntry, RecencyQueue } from "../../../../src/worker/requests/registry/recency-queue.ts";

test("the oldest item is the one that was added or renewed before all others, whatever came and went", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom("add", "renew", "delete"), fc.nat())), (steps) => {
      const queue = new RecencyQueue<number>();
      const expected: QueueEntry<number>[] = [];
      for (const [step, number] of steps) {
        const at = number % Math.max(expected.length, 1);
        const [entry] = step === "add" ? [queue.add(number)] : expected.splice(at, 1);
        if (entry && step === "renew") queue.renew(entry);
        if (entry && step === "delete") queue.delete(entry);
        else if (entry) expected.push(entry);
        expect(queue.oldest).toBe(expected[0]?.item);
      }
    }),
  );
});

test("an entry that was deleted refers to its item no more, and one that was renewed still does", () => {
  const queue = new RecencyQueue<string>();
  const [kept, gone] = [queue.add("kept"), queue.add("gone")];
  queue.renew(kept);
  queue.delete(gone);
  expect([kept.item, gone.item]).toEqual(["kept", undefined]);
});
