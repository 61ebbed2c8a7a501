import { expect, test } from "vitest";
import type { RefusedEvent, TftpEvent, TransferEndedEvent } from "../../../src/contract/events/events.ts";
import { EventQueue } from "../../../src/worker/transfers/event-queue.ts";

test("queued events come out in order, at most as many as asked for", () => {
  const queue = new EventQueue();
  for (let id = 1; id <= 3; id++) queue.push(ended(id));
  expect(ids(queue.take(2))).toEqual([1, 2]);
  expect(ids(queue.take(2))).toEqual([3]);
  expect(queue.size).toBe(0);
});

test("the first 256 refusals are reported one by one, the rest summed by reason and client address", () => {
  const queue = new EventQueue();
  for (let count = 0; count < 256; count++) queue.push(refused("10.0.0.1"));
  for (let count = 0; count < 1_000; count++) queue.push(refused(`10.0.0.${count % 2}`, `file ${count}`));
  const taken = queue.take() as RefusedEvent[];
  expect(taken).toHaveLength(258);
  expect(taken.slice(0, 256).every(({ count }) => count === undefined)).toBe(true);
  expect(taken.slice(256)).toMatchObject([
    { client: { address: "10.0.0.0" }, count: 500, file: "file 998" },
    { client: { address: "10.0.0.1" }, count: 500, file: "file 999" },
  ]);
});

test("a second batch within 50 ms brings no further single refusals; after that there are again", () => {
  let now = 0;
  const queue = new EventQueue(() => now);
  const singles = (): number => {
    for (let count = 0; count < 300; count++) queue.push(refused("10.0.0.1"));
    return queue.take().filter((event) => !("count" in event)).length;
  };
  expect([singles(), singles()]).toEqual([256, 0]);
  now = 50;
  expect([singles(), singles()]).toEqual([0, 256]);
});

test("refusals to more than 1,024 clients are lost, and their number is reported first", () => {
  const queue = new EventQueue();
  for (let client = 0; client < 256 + 1_024 + 77; client++) queue.push(refused(`client ${client}`));
  const [first, ...others] = queue.take();
  expect(first).toMatchObject({ type: "lost", count: 77 });
  expect(others).toHaveLength(256 + 1_024);
  expect(queue.take()).toEqual([]);
});

test("of more than 4,096 events the oldest are lost, and their number is reported in their place", () => {
  const queue = new EventQueue();
  for (let id = 1; id <= 5_000; id++) queue.push(ended(id));
  const [first, ...others] = queue.take();
  expect(first).toMatchObject({ type: "lost", count: 904 });
  expect(ids(others)).toEqual(Array.from({ length: 4_096 }, (_, index) => 905 + index));
});

test("long names and options count by their size: 4 MiB of events wait at most", () => {
  const queue = new EventQueue();
  for (let id = 1; id <= 1_000; id++) queue.push({ ...ended(id), file: "x".repeat(60_000) });
  const [first, ...others] = queue.take();
  expect(others.length * 60_000).toBeLessThan(4 * 1_024 * 1_024);
  expect(first).toMatchObject({ type: "lost", count: 1_000 - others.length });
});

test("the name in a refusal is cut to 1,024 characters", () => {
  const queue = new EventQueue();
  queue.push(refused("10.0.0.1", "x".repeat(60_000)));
  expect((queue.take()[0] as RefusedEvent).file).toBe(`${"x".repeat(1_023)}…`);
});

test("a transfer's progress replaces the one that waits", () => {
  const queue = new EventQueue();
  for (let bytes = 0; bytes < 10; bytes++) queue.push(progress(1, bytes));
  queue.push(progress(2, 7));
  expect(queue.take()).toMatchObject([
    { id: 1, bytes: 9 },
    { id: 2, bytes: 7 },
  ]);
  queue.push(progress(1, 10));
  expect(queue.take()).toMatchObject([{ id: 1, bytes: 10 }]);
});

test("drops are summed by reason and client; more than 32 clients of one batch are one", () => {
  const queue = new EventQueue();
  for (let round = 0; round < 3; round++) {
    for (let client = 0; client < 40; client++) queue.drop("malformed", { address: `client ${client}`, port: 1 });
  }
  const taken = queue.take();
  expect(taken).toHaveLength(33);
  expect(taken[0]).toMatchObject({ type: "dropped", client: { address: "client 0" }, count: 3 });
  expect(taken[32]).toMatchObject({ type: "dropped", reason: "malformed", count: 24 });
  expect(taken[32]).not.toHaveProperty("client");
});

const client = { address: "10.0.0.1", port: 1 };

function refused(address: string, file = "a"): TftpEvent {
  return { type: "refused", at: 0, reason: "not-found", file, client: { address, port: 1 }, errorCode: 1 };
}

function progress(id: number, bytes: number): TftpEvent {
  return { type: "progress", at: 0, id, file: "a", client, bytes, bytesPerSecond: 0 };
}

function ended(id: number): TransferEndedEvent {
  const counts = { bytes: 1, durationMs: 1, retransmissions: 0, blockSize: 512, windowSize: 1 };
  return { type: "transfer-ended", at: 0, id, file: "a", client, outcome: "complete", ...counts };
}

function ids(events: readonly TftpEvent[]): number[] {
  return events.map((event) => ("id" in event ? event.id : 0));
}
