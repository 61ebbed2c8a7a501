import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LeaseMachine } from "../../../src/jumpstarter/controller/lease-machine.ts";

const free = { leased: false, leaseName: undefined, clientName: undefined };
const leased = (name: string) => ({ leased: true, leaseName: name, clientName: "tester" });

/** The steps that are due, each as a word. */
function steps(machine: LeaseMachine): string[] {
  const taken: string[] = [];
  for (let step = machine.next(); step; step = machine.next()) {
    taken.push(step.do === "begin" ? `begin ${step.lease.name}` : step.do);
  }
  return taken;
}

test("a lease is begun once, however often it is said, and ended once", () => {
  const machine = new LeaseMachine();
  machine.onStatus(free);
  expect(steps(machine)).toEqual([]);
  machine.onStatus(leased("a"));
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual([]);
  machine.onStatus(free);
  machine.onStatus(free);
  expect(steps(machine)).toEqual(["end"]);
});

test("a lease that is replaced without an end is ended before the next one begins", () => {
  const machine = new LeaseMachine();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onStatus(leased("b"));
  expect(steps(machine)).toEqual(["end", "begin b"]);
});

test("a lease that comes and goes while a step runs is not begun", () => {
  const machine = new LeaseMachine();
  machine.onStatus(leased("a"));
  machine.onStatus(free);
  expect(steps(machine)).toEqual([]);
});

test("a lease that goes and comes again while a step runs gets drivers of its own", () => {
  const machine = new LeaseMachine();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onStatus(free);
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["end", "begin a"]);
});

test("a client's end of its session closes the drivers once, and the lease stays until the controller ends it", () => {
  const machine = new LeaseMachine();
  machine.onEndSession();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onEndSession();
  machine.onEndSession();
  expect(steps(machine)).toEqual(["finish"]);
  machine.onEndSession();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual([]);
  machine.onStatus(leased("b"));
  expect(steps(machine)).toEqual(["end", "begin b"]);
  machine.onEndSession();
  expect(steps(machine)).toEqual(["finish"]);
});

test("after an outage the status is reported again, unless it changes anyway", () => {
  const machine = new LeaseMachine();
  machine.onReconnected();
  expect(steps(machine)).toEqual(["report"]);
  machine.onReconnected();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onReconnected();
  expect(steps(machine)).toEqual(["report"]);
});

test("a lease that cannot be begun is left alone until the controller says another one", () => {
  const machine = new LeaseMachine();
  machine.onStatus(leased("a"));
  expect(machine.next()).toMatchObject({ do: "begin" });
  machine.onBeginFailed();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual([]);
  machine.onStatus(leased("b"));
  expect(steps(machine)).toEqual(["begin b"]);
});

test("an exporter that leaves ends its lease and begins none", () => {
  const machine = new LeaseMachine();
  machine.onStatus(leased("a"));
  expect(steps(machine)).toEqual(["begin a"]);
  machine.onStatus(leased("b"));
  machine.onLeaving();
  expect(steps(machine)).toEqual(["end"]);
});

test("in every order of events, begins and ends alternate, and the last word of the controller is followed", () => {
  const event = fc.oneof(
    fc.constantFrom("free", "a", "b").map((name) => (machine: LeaseMachine) => {
      machine.onStatus(name === "free" ? free : leased(name));
      return name;
    }),
    fc.constant((machine: LeaseMachine) => machine.onEndSession()),
    fc.constant((machine: LeaseMachine) => machine.onReconnected()),
  );
  // After each event some steps are taken, not always all of them.
  const run = fc.array(fc.tuple(event, fc.nat({ max: 2 })), { maxLength: 30 });
  fc.assert(
    fc.property(run, (events) => {
      const machine = new LeaseMachine();
      let said = "free";
      const taken: string[] = [];
      const take = (): boolean => {
        const step = machine.next();
        if (step) taken.push(step.do);
        return step !== undefined;
      };
      for (const [apply, count] of events) {
        said = apply(machine) ?? said;
        for (let n = 0; n < count; n++) take();
      }
      while (take());
      const borders = taken.filter((word) => word === "begin" || word === "end");
      expect(borders).toEqual(borders.map((_word, at) => (at % 2 === 0 ? "begin" : "end")));
      expect(machine.current?.name ?? "free").toBe(said);
    }),
    { numRuns: 500 },
  );
});
