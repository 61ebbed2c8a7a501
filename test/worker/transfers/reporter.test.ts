import { beforeEach, expect, test, vi } from "vitest";
import type { TftpEvent } from "../../../src/contract/events/events.ts";
import { Reporter } from "../../../src/worker/transfers/reporter.ts";

beforeEach(() => void vi.useFakeTimers());
test("one batch is in flight at most; what is reported meanwhile follows its acknowledgement", async () => {
  const { reporter, batches, acknowledge } = slowMain();
  for (let count = 0; count < 1_000; count++) warn(reporter);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(batches.map(({ length }) => length)).toEqual([256]);
  await acknowledge();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(batches.map(({ length }) => length)).toEqual([256, 256]);
  for (let count = 0; count < 3; count++) {
    await acknowledge();
    await vi.advanceTimersByTimeAsync(60_000);
  }
  expect(batches.map(({ length }) => length)).toEqual([256, 256, 256, 232]);
});

test("a flood while main is blocked is summed, and every counter is exact", async () => {
  const { reporter, batches, acknowledge } = slowMain();
  warn(reporter);
  await vi.advanceTimersByTimeAsync(50);
  for (let count = 0; count < 100_000; count++) {
    const flood = { address: `10.0.0.${count % 10}`, port: count % 60_000 };
    reporter.report({ type: "refused", reason: "not-found", file: `f${count}`, client: flood, errorCode: 1 });
    reporter.drop("over-limit", flood);
  }
  while (batches.flat().length < 1 + 256 + 10 + 10) {
    await acknowledge();
    await vi.advanceTimersByTimeAsync(50);
  }
  const events = batches.flat();
  expect(events).toHaveLength(277);
  expect(sum(events, "refused")).toBe(100_000);
  expect(sum(events, "dropped")).toBe(100_000);
  expect(reporter.counters.refused["not-found"]).toBe(100_000);
});

test("a main that fails over a batch gets the next one", async () => {
  let batches = 0;
  const reporter = new Reporter(() => {
    batches++;
    return Promise.reject(new Error("main failed"));
  });
  for (let count = 0; count < 2; count++) {
    warn(reporter);
    await vi.advanceTimersByTimeAsync(50);
  }
  expect(batches).toBe(2);
});

test("flush sends all that waits at once, for an answer must not overtake it", async () => {
  const { reporter, batches } = slowMain();
  for (let count = 0; count < 1_000; count++) warn(reporter);
  reporter.flush();
  expect(batches.map(({ length }) => length)).toEqual([256, 744]);
});

function warn(reporter: Reporter): void {
  reporter.report({ type: "warning", message: "careful" });
}

function sum(events: readonly TftpEvent[], type: "refused" | "dropped"): number {
  return events.reduce((total, event) => total + (event.type === type ? (event.count ?? 1) : 0), 0);
}

/** A main that acknowledges when the test says so. */
function slowMain(): { reporter: Reporter; batches: TftpEvent[][]; acknowledge: () => Promise<void> } {
  const batches: TftpEvent[][] = [];
  const unacknowledged: (() => void)[] = [];
  const reporter = new Reporter((events) => {
    batches.push([...events]);
    return new Promise((resolve) => unacknowledged.push(resolve));
  });
  const acknowledge = async (): Promise<void> => {
    unacknowledged.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { reporter, batches, acknowledge };
}
