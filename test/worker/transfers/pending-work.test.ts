import { expect, test } from "vitest";
import { PendingShare, PendingWork } from "../../../src/worker/transfers/pending-work.ts";

test("each share counts once, however often its operation is said to be in flight, or over", () => {
  const pending = new PendingWork();
  const shares = [new PendingShare(pending), new PendingShare(pending)] as const;
  shares[0].isHeld = true;
  shares[0].isHeld = true;
  expect(pending.count).toBe(1);
  shares[1].isHeld = true;
  expect(pending.count).toBe(2);
  shares[0].isHeld = false;
  shares[0].isHeld = false;
  expect([pending.count, shares[0].isHeld, shares[1].isHeld]).toEqual([1, false, true]);
});
