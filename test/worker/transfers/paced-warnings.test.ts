import { expect, test } from "vitest";
import type { Report } from "../../../src/worker/transfers/reporter.ts";
import { PacedWarnings } from "../../../src/worker/transfers/paced-warnings.ts";

test("the first warning is emitted at once, and the next ten seconds later, with the number of those between", () => {
  const told: Report[] = [];
  let now = 0;
  const warnings = new PacedWarnings({ report: (report) => void told.push(report) }, () => now);
  for (; now < 10_000; now += 100) warnings.add("no", new Error("way"));
  expect(told).toMatchObject([{ type: "warning", message: "no: way" }]);
  warnings.add("no", new Error("way"));
  expect(told.slice(1)).toMatchObject([{ message: "no: way (99 more since the last warning)" }]);
});
