import { expect, test } from "vitest";
import { expectCalls, ScriptedController, startKeeper } from "../../helpers/jumpstarter/scripted-controller.ts";

test("an exporter registers, reports AVAILABLE, and then holds the Status stream", async () => {
  const controller = new ScriptedController();
  startKeeper(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
});

test("a lease is listened for, then reported as ready; after it the exporter is available again", async () => {
  const controller = new ScriptedController();
  const { seen } = startKeeper(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.say("a");
  await expectCalls(controller, "register", "AVAILABLE", "status", "listen a", "LEASE_READY");
  controller.say(undefined);
  await expectCalls(controller, "register", "AVAILABLE", "status", "listen a", "LEASE_READY", "AVAILABLE");
  expect(seen.map(({ type }) => type)).toEqual([
    "controller",
    "lease-started",
    "exporter-status",
    "lease-ended",
    "exporter-status",
  ]);
});

test("a controller that refuses to register is asked again until it does", async () => {
  const controller = new ScriptedController();
  controller.failures.set("register", 3);
  const { seen } = startKeeper(controller);
  const failed = "register failed";
  await expectCalls(controller, failed, failed, failed, "register", "AVAILABLE", "status");
  expect(seen.filter((event) => event.type === "controller" && event.state === "lost")).toHaveLength(3);
});

test("a status that is not taken is reported again, and the latest wins", async () => {
  const controller = new ScriptedController();
  startKeeper(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.failures.set("LEASE_READY", 2);
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  expect(controller.calls.filter((call) => call === "LEASE_READY failed")).toHaveLength(2);
});

test("after an outage within a lease the lease goes on, and its status is reported again", async () => {
  const controller = new ScriptedController();
  const { seen } = startKeeper(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  controller.drop();
  await expect.poll(() => controller.calls.slice(5).toSorted()).toEqual(["LEASE_READY", "status"]);
  controller.say("a");
  const states = (): string[] => seen.flatMap((event) => (event.type === "controller" ? [event.state] : []));
  await expect.poll(states).toEqual(["registered", "lost", "reconnected"]);
  expect(seen.filter(({ type }) => type === "lease-ended")).toEqual([]);
});

test("an exporter that leaves in a lease ends it, reports OFFLINE and unregisters", async () => {
  const controller = new ScriptedController();
  const { keeper, seen } = startKeeper(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  await keeper.leave();
  expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
  expect(seen.filter(({ type }) => type === "lease-ended")).toHaveLength(1);
});
