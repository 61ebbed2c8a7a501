import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DefaultAddressWatch } from "../../../src/worker/server/default-address.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each new address of the default route is reported once, and a lost route is not", async () => {
  const found = ["192.0.2.1", undefined, "192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.1"];
  const reported: string[] = [];
  const watch = new DefaultAddressWatch(
    "192.0.2.1",
    (address) => void reported.push(address),
    async () => found.shift(),
  );
  await vi.advanceTimersByTimeAsync(30_000);
  expect(reported).toEqual(["192.0.2.2", "192.0.2.1"]);
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
});
