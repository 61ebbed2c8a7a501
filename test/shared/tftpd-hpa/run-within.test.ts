import { expect, test } from "vitest";
import { runWithin } from "../../../src/shared/tftpd-hpa/run-within.ts";

/** Holds this thread for so long, in ms. */
function hold(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("what takes too long is interrupted, twice at most, and its error says what it was", () => {
  let calls = 0;
  const endless = (): void => {
    calls++;
    for (;;);
  };
  expect(() => runWithin("the loop", 20, endless)).toThrow("the loop took more than 20 ms");
  // A machine that sets the thread aside for 20 ms before the call leaves nothing to call.
  expect(calls).toBeLessThanOrEqual(2);
});

test("what was too long once, as on a machine that set the thread aside, has its result from the second attempt", () => {
  let calls = 0;
  const work = (): string => {
    if (++calls === 1) hold(20_000);
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
