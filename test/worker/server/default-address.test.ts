import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DefaultAddressWatch } from "../../../src/worker/server/default-address.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each new address of the default route is followed, again until that has worked, and a lost route is not", async () => {
  const found = ["192.0.2.1", undefined, "192.0.2.1", "192.0.2.2", "192.0.2.2", "192.0.2.2", "192.0.2.1"];
  const moves: string[] = [];
  const watch = new DefaultAddressWatch(
    "192.0.2.1",
    async (address) => moves.push(address) > 1,
    async () => found.shift(),
  );
  await vi.advanceTimersByTimeAsync(35_000);
  expect(moves).toEqual(["192.0.2.2", "192.0.2.2", "192.0.2.1"]);
  watch.stop();
  expect(vi.getTimerCount()).toBe(0);
});
