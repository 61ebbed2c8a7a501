import { expect, test } from "vitest";
import { NO_LIMITS, PathMemory } from "../../../../../src/worker/transport/linux/sockets/path-memory.ts";

const found = { refusedFrom: 1_472, isNarrow: false };

test("a limit found on the way to one client does not hold for another", () => {
  const paths = new PathMemory(() => 0);
  paths.note("192.0.2.1", found);
  expect(paths.limitsOf("192.0.2.1")).toEqual(found);
  expect(paths.limitsOf("192.0.2.2")).toEqual(NO_LIMITS);
});

test("a limit on the way to a client is forgotten after a minute", () => {
  let now = 0;
  const paths = new PathMemory(() => now);
  paths.note("192.0.2.1", found);
  now = 59_999;
  expect(paths.limitsOf("192.0.2.1")).toEqual(found);
  now = 60_000;
  expect(paths.limitsOf("192.0.2.1")).toEqual(NO_LIMITS);
  expect(paths.size).toBe(0);
});

test("of too many clients with a limit, those that were noted first are forgotten", () => {
  const paths = new PathMemory(() => 0);
  for (let client = 0; client < 5_000; client++) paths.note(`client ${client}`, found);
  expect(paths.size).toBe(1_024);
  expect(paths.limitsOf("client 0")).toEqual(NO_LIMITS);
  expect(paths.limitsOf("client 4999")).toEqual(found);
});
