import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { BackOff } from "../../../src/jumpstarter/controller/back-off.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";
import { noHooks, ScriptedController, startKeeper } from "../../helpers/jumpstarter/scripted-controller.ts";
import { VirtualClock } from "../../helpers/jumpstarter/virtual-clock.ts";

const HOUR = 3_600_000;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

async function start(lease?: string) {
  const [controller, clock, ground] = [new ScriptedController(), new VirtualClock(), new ExporterGround()];
  const { keeper, seen, sessions } = startKeeper(controller, noHooks, ground, clock.pause);
  /** Lets time pass until that is so: a session that closes its drivers takes real time. */
  const until = async (fact: () => boolean): Promise<void> => {
    await expect.poll(async () => (await clock.advance(1_000), fact()), { interval: 1 }).toBe(true);
  };
  await until(() => controller.calls.at(-1) === "status");
  if (lease !== undefined) {
    controller.say(lease);
    await until(() => controller.calls.at(-1) === "LEASE_READY");
  }
  const leases = (): string[] =>
    seen.flatMap((event) =>
      event.type === "lease-started" || event.type === "lease-ended" ? [`${event.type} ${event.lease}`] : [],
    );
  return { controller, clock, keeper, seen, sessions, until, leases };
}

test("the pauses between tries double from 0.5 to 30 s, each shortened by up to a half, and begin anew after a success", () => {
  const longest = new BackOff(() => 0);
  expect(Array.from({ length: 9 }, () => longest.take())).toEqual([500, 1e3, 2e3, 4e3, 8e3, 16e3, 30e3, 30e3, 30e3]);
  longest.reset();
  expect(longest.take()).toBe(500);
  const shortest = new BackOff(() => 1);
  expect(Array.from({ length: 8 }, () => shortest.take())).toEqual([250, 500, 1e3, 2e3, 4e3, 8e3, 15e3, 15e3]);
});

test("over 12 hours without its controller a free exporter tries two to four times a minute, and nothing piles up", async () => {
  const { controller, clock, seen, sessions, until } = await start();
  controller.fail(UNAVAILABLE);
  await clock.advance(HOUR);
  expect(clock.waiting).toBe(1);
  await clock.advance(11 * HOUR);
  expect(controller.refused).toBeGreaterThanOrEqual((12 * HOUR) / 30_000);
  expect(controller.refused).toBeLessThanOrEqual((12 * HOUR) / 15_000 + 10);
  expect(clock.waiting).toBe(1);
  expect(Math.max(...clock.pauses)).toBeLessThanOrEqual(30_000);
  // Those that were made for the report; no try has made others.
  expect(sessions).toHaveLength(1);
  controller.calls.length = 0;
  controller.restore();
  await until(() => controller.calls.at(-1) === "status");
  expect(seen.findLast((event) => event.type === "controller")).toMatchObject({ state: "registered" });
});

test("a lease outlives 8 hours without the controller, and its status is reported at once when that is back", async () => {
  const { controller, clock, until, leases, sessions } = await start("a");
  controller.fail(UNAVAILABLE);
  const pauses = clock.pauses.length;
  await clock.advance(8 * HOUR);
  const made = clock.pauses.slice(pauses);
  // Status, Listen and the report of the status: three tries, each at most 30 s and at least 15 s apart in the end.
  expect(made.length).toBeGreaterThan((3 * 8 * HOUR) / 30_000);
  expect(made.length).toBeLessThan((3 * 8 * HOUR) / 15_000 + 60);
  expect(clock.waiting).toBe(3);
  controller.restore();
  controller.calls.length = 0;
  const begun = clock.now;
  await until(() => controller.calls.includes("status"));
  controller.say("a");
  await until(() => controller.calls.includes("LEASE_READY") && controller.calls.includes("listen a"));
  expect(clock.now - begun).toBeLessThan(65_000);
  expect(leases()).toEqual(["lease-started a"]);
  expect(getEventListeners(sessions.at(-1)!.ending.signal, "abort")).toEqual([]);
});

test.each([
  ["that nobody has it", undefined, ["lease-started a", "lease-ended a"]],
  ["that another one has it", "b", ["lease-started a", "lease-ended a", "lease-started b"]],
])("a lease that ended in an outage is ended when the controller says %s", async (_says, next, expected) => {
  const { controller, clock, until, leases } = await start("a");
  controller.fail(UNAVAILABLE);
  await clock.advance(3 * HOUR);
  controller.restore();
  controller.calls.length = 0;
  await until(() => controller.calls.includes("status"));
  controller.say(next);
  await until(() => leases().length === expected.length);
  expect(leases()).toEqual(expected);
  const status = next === undefined ? "AVAILABLE" : "LEASE_READY";
  await until(() => controller.calls.at(-1) === status);
});

test("an exporter whose token has expired keeps trying, says why each time, and leaves when it is told to", async () => {
  const { controller, clock, keeper, seen, until } = await start();
  controller.fail(UNAUTHENTICATED);
  await until(() => controller.refused > 20);
  const lost = seen.filter((event) => event.type === "controller" && event.state === "lost");
  expect(lost.at(-1)).toMatchObject({ cause: { message: "register failed" } });
  const left = keeper.leave();
  await until(() => clock.waiting === 0);
  await left;
  expect(clock.waiting).toBe(0);
});
