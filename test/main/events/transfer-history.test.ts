import { expect, test } from "vitest";
import type { TransferEndedEvent } from "../../../src/contract/events/events.ts";
import { EndedTransfers } from "../../../src/main/events/transfer-history.ts";

test.each([
  [3, 2, Infinity, [2, 1]],
  [3, 3, Infinity, [3, 2, 1]],
  [3, 5, Infinity, [5, 4, 3]],
  [3, 5, 2, [5, 4]],
  [3, 5, 0, []],
  [0, 5, Infinity, []],
])("of %i kept and %i ended transfers, at most %d are %j", (keep, count, limit, ids) => {
  const ended = new EndedTransfers(keep);
  for (let id = 1; id <= count; id++) ended.add({ id } as TransferEndedEvent);
  expect(ended.latest(limit).map(({ id }) => id)).toEqual(ids);
});
