import type { MessagePort } from "node:worker_threads";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Heartbeat } from "../../../../src/contract/thread/heartbeat.ts";
import { Watchdog } from "../../../../src/main/server/thread/watchdog.ts";

const WATCHDOG_MS = 400;
let now = 0;

beforeEach(() => {
  now = 0;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
test("a worker that never answers is hung after watchdogMs, and it is reported once", () => {
  const { hung } = watched();
  elapse(399);
  expect(hung()).toBe(0);
  elapse(1);
  elapse(10_000);
  expect(hung()).toBe(1);
});

test("a worker that answers each question is not hung, and is asked four times within watchdogMs", () => {
  const { heartbeat, hung } = watched();
  let questions = 0;
  for (let ms = 0; ms < 4_000; ms += 10) {
    if (!heartbeat.isAnswered) {
      questions++;
      heartbeat.answer();
    }
    elapse(10);
  }
  expect(hung()).toBe(0);
  expect(questions).toBe(40);
});

test("an hour in which main was blocked, or the machine asleep, counts as one tick", () => {
  const { heartbeat, hung } = watched();
  now += 3_600_000;
  elapse(100);
  expect(hung()).toBe(0);
  // The worker has run meanwhile, or runs now.
  heartbeat.answer();
  elapse(10_000);
  expect(hung()).toBe(1);
});

test("a watchdogMs of 0 watches nothing", () => {
  const { hung } = watched(0);
  elapse(10_000);
  expect(hung()).toBe(0);
});

/** Lets time pass, and main see it. */
function elapse(ms: number): void {
  for (let passed = 0; passed < ms; passed++) {
    now++;
    vi.advanceTimersByTime(1);
  }
}

function watched(watchdogMs = WATCHDOG_MS): { heartbeat: Heartbeat; hung: () => number } {
  const watchdog = new Watchdog(() => now);
  let hung = 0;
  onTestFinished(() => {
    watchdog.close();
    (watchdog.workerData.wakeup as MessagePort).close();
  });
  watchdog.watch(watchdogMs, () => hung++);
  return { heartbeat: new Heartbeat(watchdog.workerData.shared), hung: () => hung };
}
