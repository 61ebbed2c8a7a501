import { expect, test } from "vitest";
import { RestartSchedule } from "../../../src/main/server/restart-schedule.ts";

test("the first restart comes after 100 ms, each further one within the minute after twice as long", () => {
  const schedule = new RestartSchedule("on-crash");
  const restarts = [0, 1, 2, 3, 4].map((second) => schedule.next(second * 1_000));
  expect(restarts).toEqual([
    { attempt: 1, delayMs: 100 },
    { attempt: 2, delayMs: 200 },
    { attempt: 3, delayMs: 400 },
    { attempt: 4, delayMs: 800 },
    { attempt: 5, delayMs: 1_600 },
  ]);
});

test("the sixth crash within a minute is the last", () => {
  const schedule = new RestartSchedule("on-crash");
  for (let crash = 0; crash < 5; crash++) schedule.next(0);
  expect(schedule.next(59_999)).toBeUndefined();
});

test("a crash a minute ago does not count any more", () => {
  const schedule = new RestartSchedule("on-crash");
  for (let crash = 0; crash < 5; crash++) schedule.next(crash);
  expect(schedule.next(60_000)).toEqual({ attempt: 5, delayMs: 1_600 });
  expect(schedule.next(60_000)).toBeUndefined();
  expect(schedule.next(200_000)).toEqual({ attempt: 1, delayMs: 100 });
});

test('restart "never" grants no restart', () => {
  expect(new RestartSchedule("never").next(0)).toBeUndefined();
});
