import { expect, test } from "vitest";
import { noCounts } from "../../../src/contract/events/counters.ts";
import { LifetimeCounters } from "../../../src/main/events/lifetime-counters.ts";

test("what one thread after another has counted is added up", () => {
  const counters = new LifetimeCounters();
  for (const requests of [3, 0, 4]) {
    counters.begin();
    counters.update({ ...noCounts(), requests: 1 });
    counters.update({ ...noCounts(), requests, refused: { ...noCounts().refused, "not-found": 1 } });
  }
  expect(counters.total).toEqual({ ...noCounts(), requests: 7, refused: { ...noCounts().refused, "not-found": 3 } });
});
