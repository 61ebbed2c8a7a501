import { expect, test } from "vitest";
import { OpenGate } from "../../../src/worker/content/open-gate.ts";

const never = new Promise<never>(() => {});

test("at most as many opens are under way as the gate is wide, and the others follow in their order", async () => {
  const gate = new OpenGate(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const opens = [0, 1, 2, 3].map((number) =>
    gate.through(async () => {
      begun.push(number);
      await new Promise<void>((resolve) => ends.push(resolve));
      return number;
    }),
  );
  await expect.poll(() => begun).toEqual([0, 1]);
  ends[0]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[1]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  for (const end of ends) end();
  expect(await Promise.all(opens)).toEqual([0, 1, 2, 3]);
});

test("an open that fails makes room", async () => {
  const gate = new OpenGate(1);
  await expect(gate.through(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await gate.through(async () => "next")).toBe("next");
});

test("an open that no client waits for any more is passed over, so that a flood does not take the others' turns", async () => {
  const gate = new OpenGate(1);
  const ends: (() => void)[] = [];
  const first = gate.through(() => new Promise<void>((resolve) => ends.push(resolve)));
  let opened = 0;
  const evicted = Array.from({ length: 500 }, () =>
    gate.through(
      async () => void opened++,
      () => false,
    ),
  );
  const wanted = gate.through(async () => "opened");
  await expect.poll(() => ends).toHaveLength(1);
  ends[0]?.();
  await first;
  expect(await wanted).toBe("opened");
  const results = await Promise.allSettled(evicted);
  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  expect(opened).toBe(0);
});

test("behind opens that never end, those that no client waits for any more do not pile up", async () => {
  const gate = new OpenGate(1);
  void gate.through(() => never);
  let newest = 0;
  // As with 100 places: each request evicts the one that came 100 before it.
  for (let number = 0; number < 50_000; number++) {
    newest = number;
    gate
      .through(
        () => never,
        () => number > newest - 100,
      )
      .catch(() => {});
  }
  expect(gate.waiting).toBeLessThanOrEqual(1_024);
});

test("opens that clients wait for all have their place, however many they are", async () => {
  const gate = new OpenGate(1);
  void gate.through(() => never);
  for (let number = 0; number < 5_000; number++) void gate.through(() => never);
  expect(gate.waiting).toBe(5_000);
});
