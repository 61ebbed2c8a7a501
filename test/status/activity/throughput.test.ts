import { expect, test } from "vitest";
import { HISTORY, Throughput } from "../../../src/status/activity/throughput.ts";

const start = 1_700_000_000_000;

test("throughput has the bytes of each of 300 seconds, the oldest first, without the running one", () => {
  const throughput = new Throughput();
  throughput.add(10, start);
  throughput.add(5, start + 999);
  throughput.add(7, start + 2_000);
  throughput.add(9, start + 3_000);
  const samples = throughput.samples(start + 3_500);
  expect(samples).toHaveLength(HISTORY);
  expect(samples.slice(-4)).toEqual([0, 15, 0, 7]);
});

test("bytes five minutes old are forgotten, however long nothing happened", () => {
  const throughput = new Throughput();
  throughput.add(10, start);
  expect(throughput.samples(start + HISTORY * 1_000)[0]).toBe(10);
  expect(throughput.samples(start + (HISTORY + 1) * 1_000)).toEqual(Array.from({ length: HISTORY }, () => 0));
  throughput.add(3, start + 86_400_000);
  expect(throughput.samples(start + 86_401_000).filter((rate) => rate > 0)).toEqual([3]);
});

test("bytes that are reported late count in their own second; older than five minutes, nowhere", () => {
  const throughput = new Throughput();
  throughput.add(1, start + 10_000);
  throughput.add(2, start + 9_000);
  throughput.add(4, start - 400_000);
  expect(throughput.samples(start + 11_000).slice(-3)).toEqual([0, 2, 1]);
  expect(throughput.samples(start + 11_000).reduce((sum, rate) => sum + rate)).toBe(3);
});

test("after the clock was set back, throughput begins anew at once", () => {
  const throughput = new Throughput();
  throughput.add(10, start + 3_600_000);
  expect(throughput.current(start + 3_601_000)).toBe(5);
  expect(throughput.current(start)).toBe(0);
  throughput.add(8, start);
  expect(throughput.current(start + 1_000)).toBe(4);
  expect(throughput.samples(start + 1_000).at(-1)).toBe(8);
});

test("the rate now is that of the last two whole seconds", () => {
  const throughput = new Throughput();
  throughput.add(100, start);
  throughput.add(300, start + 1_000);
  throughput.add(900, start + 2_000);
  expect(throughput.current(start + 2_500)).toBe(200);
});
