import { expect, test } from "vitest";
import { SharedTids, type TidHolder, YIELD_AFTER } from "../../../../src/worker/requests/ports/shared-tids.ts";

const ends = { client: { address: "192.0.2.7", port: 2_000 }, local: { address: "192.0.2.1", port: 69 } };
let nextId = 1;

/** A transfer that goes on, and keeps its TID. */
function transfer(how: Partial<TidHolder> = {}): TidHolder {
  return { id: nextId++, requestKey: "a", isProved: true, isLastBlockOut: false, silenceMs: 0, ...how };
}

/** What has claimed the TID, in a table of its own. */
function held(how: Partial<TidHolder> = {}): { tids: SharedTids<TidHolder>; holder: TidHolder } {
  const tids = new SharedTids();
  const holder = transfer(how);
  expect(tids.claim(ends, holder)).toBeUndefined();
  return { tids, holder };
}

test("a transfer that goes on keeps its TID, against its own request and any other", () => {
  const { tids } = held();
  for (const requestKey of ["a", "b"]) {
    expect(tids.isBusy(ends, requestKey)).toBe(true);
    expect(tids.claim(ends, transfer({ requestKey }))).toBe(false);
  }
});

test.each<[string, Partial<TidHolder>, requestKey: string]>([
  ["without any ACK, to its own request", { isProved: false }, "a"],
  ["without any ACK, to another one", { isProved: false }, "b"],
  ["whose client is silent, to its own request", { silenceMs: YIELD_AFTER }, "a"],
  ["whose client is silent, to another one", { silenceMs: YIELD_AFTER }, "b"],
  ["whose last block is out, to another request", { isLastBlockOut: true }, "b"],
])("a transfer %s yields", (_what, how, requestKey) => {
  const { tids, holder } = held(how);
  expect(tids.isBusy(ends, requestKey)).toBe(false);
  expect(tids.claim(ends, transfer({ requestKey }))).toBe(holder);
});

test("a late datagram of its own request does not end a transfer whose last block is out", () => {
  const { tids } = held({ isLastBlockOut: true });
  expect(tids.isBusy(ends, "a")).toBe(true);
});

test("of two requests whose files open in another order, the newer one has the TID", () => {
  const older = transfer({ isProved: false });
  const { tids } = held({ isProved: false, requestKey: "b" });
  expect(tids.claim(ends, older)).toBe(false);
});

test("the same client port has another TID at each of our addresses, and another port has its own", () => {
  const { tids } = held();
  const elsewhere = { ...ends, local: { address: "192.0.2.2", port: 69 } };
  const next = { ...ends, client: { address: "192.0.2.7", port: 2_001 } };
  for (const other of [elsewhere, next]) {
    expect(tids.isBusy(other, "a")).toBe(false);
    expect(tids.claim(other, transfer())).toBeUndefined();
  }
});

test("a TID is free when its holder releases it, not when what had it before does", () => {
  const { tids, holder } = held({ isProved: false });
  const newer = transfer();
  tids.claim(ends, newer);
  tids.release(ends, holder);
  expect(tids.isBusy(ends, "a")).toBe(true);
  tids.release(ends, newer);
  expect(tids.isBusy(ends, "a")).toBe(false);
});
