import { expect, test } from "vitest";
import { noCounts } from "../../../src/contract/counters.ts";
import { Tally } from "../../../src/main/observe/tally.ts";

test("what one thread after another has counted is added up", () => {
  const tally = new Tally();
  for (const requests of [3, 0, 4]) {
    tally.begin();
    tally.update({ ...noCounts(), requests: 1 });
    tally.update({ ...noCounts(), requests, refused: { ...noCounts().refused, "not-found": 1 } });
  }
  expect(tally.total).toEqual({ ...noCounts(), requests: 7, refused: { ...noCounts().refused, "not-found": 3 } });
});
