import { expect, test } from "vitest";
import { runWithin } from "../../../src/shared/tftpd-hpa/run-within.ts";

/** Keeps this thread busy for so long, in ms. */
function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("what takes too long is interrupted, twice, and its error says what it was", () => {
  let calls = 0;
  const endless = (): void => {
    calls++;
    for (;;);
  };
  expect(() => runWithin("the loop", 20, endless)).toThrow("the loop took more than 20 ms");
  expect(calls).toBe(2);
});

test("what was too long once, as on a machine that set the thread aside, has its result from the second attempt", () => {
  let calls = 0;
  const work = (): string => {
    if (++calls === 1) spin(2_000);
    return "done";
  };
  expect(runWithin("the work", 1_000, work)).toBe("done");
  expect(calls).toBe(2);
});

test("what the work throws is thrown, and it is not called again", () => {
  let calls = 0;
  const work = (): never => {
    calls++;
    throw new RangeError("no");
  };
  expect(() => runWithin("the work", 1_000, work)).toThrow(RangeError);
  expect(calls).toBe(1);
});
