import { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { LeaseKeeper } from "../../../src/jumpstarter/controller/lease-keeper.ts";
import type { ControllerCalls } from "../../../src/jumpstarter/controller/controller-link.ts";
import type { ExporterEvent } from "../../../src/jumpstarter/events.ts";
import { ExporterEvents } from "../../../src/jumpstarter/exporter-events.ts";
import { openSession } from "../../../src/jumpstarter/session/open-session.ts";
import type { LeaseStatus, ListenReply } from "../../../src/jumpstarter/wire/controller-messages.ts";
import { ExporterGround } from "../../helpers/jumpstarter/exporter-ground.ts";

/** A controller that says what the test says; it notes each call. */
class FakeController implements ControllerCalls {
  readonly calls: string[] = [];
  /** How many calls are to fail, by their name. */
  readonly failures = new Map<string, number>();
  #say: (status: LeaseStatus | Error) => void = () => {};

  async register(): Promise<void> {
    this.#note("register");
  }

  async reportStatus(status: string): Promise<void> {
    this.#note(status);
  }

  async releaseLease(): Promise<void> {}

  async unregister(): Promise<void> {
    this.#note("unregister");
  }

  async *leaseStatus(signal: AbortSignal): AsyncGenerator<LeaseStatus> {
    this.#note("status");
    const said: (LeaseStatus | Error)[] = [];
    let wake: (() => void) | undefined;
    this.#say = (status) => {
      said.push(status);
      wake?.();
    };
    signal.addEventListener("abort", () => this.#say(new Error("cancelled")));
    for (;;) {
      const next = said.shift();
      if (next instanceof Error) throw next;
      if (next) yield next;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  async *listen(lease: string, signal: AbortSignal): AsyncGenerator<ListenReply> {
    this.calls.push(`listen ${lease}`);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    // It never says anything: the clients of these tests do not dial.
    if (!signal.aborted) yield { routerEndpoint: "", routerToken: "" };
  }

  say(lease: string | undefined): void {
    this.#say({ leased: lease !== undefined, leaseName: lease, clientName: "tester" });
  }

  /** The connection is lost. */
  drop(): void {
    this.#say(new Error("UNAVAILABLE"));
  }

  #note(call: string): void {
    const left = this.failures.get(call) ?? 0;
    this.failures.set(call, left - 1);
    this.calls.push(left > 0 ? `${call} failed` : call);
    if (left > 0) throw new Error(`${call} failed`);
  }
}

function start(controller: FakeController, ground = new ExporterGround()) {
  const seen: ExporterEvent[] = [];
  const events = new ExporterEvents(undefined);
  events.on("*", (event) => seen.push(event));
  const keeper = new LeaseKeeper({
    endpoint: "controller:443",
    calls: controller,
    openSession: (endLease) =>
      openSession(
        { root: { tftp: ground.tftp }, description: undefined, status: "LEASE_READY", message: "", endLease },
        events,
      ),
    connect: () => new Duplex(),
    events,
    // No time passes: each pause is over at once.
    pause: async (_ms, signal) => {
      if (!signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    },
  });
  onTestFinished(() => keeper.leave());
  return { keeper, seen };
}

async function expectCalls(controller: FakeController, ...calls: string[]): Promise<void> {
  await expect.poll(() => controller.calls).toEqual(calls);
}

test("an exporter registers, reports AVAILABLE, and then holds the Status stream", async () => {
  const controller = new FakeController();
  start(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
});

test("a lease is listened for, then reported as ready; after it the exporter is available again", async () => {
  const controller = new FakeController();
  const { seen } = start(controller);
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
  const controller = new FakeController();
  controller.failures.set("register", 3);
  const { seen } = start(controller);
  const failed = "register failed";
  await expectCalls(controller, failed, failed, failed, "register", "AVAILABLE", "status");
  expect(seen.filter((event) => event.type === "controller" && event.state === "lost")).toHaveLength(3);
});

test("a status that is not taken is reported again, and the latest wins", async () => {
  const controller = new FakeController();
  start(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.failures.set("LEASE_READY", 2);
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  expect(controller.calls.filter((call) => call === "LEASE_READY failed")).toHaveLength(2);
});

test("after an outage within a lease the lease goes on, and its status is reported again", async () => {
  const controller = new FakeController();
  const { seen } = start(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  controller.drop();
  await expect.poll(() => controller.calls.slice(5).toSorted()).toEqual(["LEASE_READY", "status"]);
  controller.say("a");
  expect(seen.filter(({ type }) => type === "lease-ended")).toEqual([]);
});

test("an exporter that leaves in a lease ends it, reports OFFLINE and unregisters", async () => {
  const controller = new FakeController();
  const { keeper, seen } = start(controller);
  await expectCalls(controller, "register", "AVAILABLE", "status");
  controller.say("a");
  await expect.poll(() => controller.calls.at(-1)).toBe("LEASE_READY");
  await keeper.leave();
  expect(controller.calls.slice(-2)).toEqual(["OFFLINE", "unregister"]);
  expect(seen.filter(({ type }) => type === "lease-ended")).toHaveLength(1);
});
