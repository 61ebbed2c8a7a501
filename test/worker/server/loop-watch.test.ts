import { beforeEach, expect, test, vi } from "vitest";
import { LoopWatch } from "../../../src/worker/server/loop-watch.ts";
import { Transfers } from "../../../src/worker/requests/registry/transfer-registry.ts";
import type { Admission } from "../../../src/worker/requests/admission/admission.ts";

const minute = 60_000;
let clock = 0;

beforeEach(() => {
  clock = 0;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
test("the event loop is watched while transfers run, and an idle thread has no timer", () => {
  const { transfers, watch } = watched();
  expect(vi.getTimerCount()).toBe(0);
  const admission = begin(transfers);
  expect(vi.getTimerCount()).toBe(1);
  turn(20);
  transfers.delete(admission);
  turn(20);
  expect(vi.getTimerCount()).toBe(0);
  begin(transfers);
  expect(vi.getTimerCount()).toBe(1);
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
});

test("the delay is what a timer came too late, and the time without transfers is none", () => {
  const { transfers, watch } = watched();
  const admission = begin(transfers);
  turn(20);
  turn(20 + 300);
  transfers.delete(admission);
  turn(20);
  clock += 10_000;
  begin(transfers);
  turn(20);
  const { meanMs, p99Ms, maxMs } = watch.describe();
  expect(meanMs).toBeCloseTo(75, 0);
  expect(p99Ms).toBeCloseTo(300, -1);
  expect(maxMs).toBeCloseTo(300, -1);
});

test("a delay is forgotten after two minutes at the latest, and not within the first", () => {
  const { transfers, watch } = watched();
  begin(transfers);
  turn(20 + 300);
  clock += minute - 400;
  expect(watch.describe().maxMs).toBeCloseTo(300, -1);
  clock += minute - 1_000;
  expect(watch.describe().maxMs).toBeCloseTo(300, -1);
  clock += minute;
  expect(watch.describe()).toEqual({ meanMs: 0, p99Ms: 0, maxMs: 0 });
});

function watched(): { transfers: Transfers; watch: LoopWatch } {
  const transfers = new Transfers();
  return { transfers, watch: new LoopWatch(transfers, () => clock) };
}

function begin(transfers: Transfers): Admission {
  const admission = { request: { client: { address: "10.0.0.1", port: 1 } } } as Admission;
  transfers.add(admission);
  return admission;
}

/** The timer rings once, so long after it was set. */
function turn(ms: number): void {
  clock += ms;
  vi.advanceTimersByTime(20);
}
