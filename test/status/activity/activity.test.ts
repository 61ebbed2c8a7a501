import { expect, test } from "vitest";
import { Activity } from "../../../src/status/activity/activity.ts";
import type { Result } from "../../../src/status/activity/results.ts";
import { endEvent, now, progressEvent, refusedEvent, requestEvent, stateEvent } from "../../helpers/events.ts";

test("a transfer is running from its request to its end, and then a result", () => {
  const activity = new Activity();
  activity.apply(requestEvent(1));
  expect(activity.running.map(({ file }) => file)).toEqual(["board1/zImage"]);
  activity.apply(endEvent(1));
  expect(activity.running).toEqual([]);
  expect(activity.results.list).toMatchObject([
    {
      tone: "good",
      what: "complete",
      file: "board1/zImage",
      client: "192.168.1.17:2070",
      detail: "10 MiB in 2.0 s, 5.0 MiB/s",
    },
  ]);
});

test("a crash ends the running transfers, for no event will report their end", () => {
  const activity = new Activity();
  activity.apply(requestEvent(1));
  activity.apply({ type: "worker-crashed", at: now, cause: { name: "Error", message: "out of luck", tftp: false } });
  expect(activity.running).toEqual([]);
  expect(activity.results.list).toMatchObject([{ tone: "bad", what: "crashed", detail: "out of luck" }]);
});

test("the status follows the server from its start to its stop, over a crash", () => {
  const activity = new Activity();
  const at = { at: now, host: "::1", port: 69 } as const;
  const serverStatuses = [activity.status];
  const tell = (event: Parameters<Activity["apply"]>[0]): unknown =>
    serverStatuses.push((activity.apply(event), activity.status));
  tell(stateEvent("stopped", "starting"));
  tell({ type: "listening", transport: "dgram", addresses: [{ host: at.host, port: at.port }], ...at });
  tell(stateEvent("starting", "running"));
  tell({ type: "worker-crashed", at: now, cause: { name: "Error", message: "", tftp: false }, restartInMs: 100 });
  tell(stateEvent("running", "starting"));
  tell({ type: "restarted", attempt: 1, ...at });
  tell(stateEvent("starting", "running"));
  tell(stateEvent("running", "stopping"));
  tell({ type: "stopped", at: now });
  tell(stateEvent("stopping", "stopped"));
  tell(stateEvent("running", "failed"));
  expect(serverStatuses.filter((status, index) => status !== serverStatuses[index - 1])).toEqual([
    "stopped",
    "starting",
    "running",
    "restarting",
    "running",
    "stopping",
    "stopped",
    "failed",
  ]);
  expect(activity.endpoints).toEqual([{ address: "::1", port: 69 }]);
});

test("throughput counts each byte once, at the progress or at the end that reported it", () => {
  const activity = new Activity();
  activity.apply(requestEvent(1));
  activity.apply(progressEvent(1, 100));
  activity.apply(progressEvent(1, 300));
  activity.apply(endEvent(1, { bytes: 1_000 }));
  expect(activity.throughput.samples(now + 1_000).at(-1)).toBe(1_000);
});

test("what a transfer had acknowledged before it was heard of is not in the second of its first event", () => {
  const activity = new Activity();
  const latest = (): number | undefined => activity.throughput.samples(now + 1_000).at(-1);
  activity.apply(requestEvent(1));
  activity.apply(progressEvent(1, 5_000_000, { at: now - 5_000 }));
  activity.apply({ type: "lost", at: now, count: 1 });
  activity.apply(progressEvent(1, 6_000_000));
  activity.apply(progressEvent(1, 6_000_300));
  expect(latest()).toBe(300);
  expect(activity.running[0]?.bytes).toBe(6_000_300);
  activity.apply(endEvent(2, { bytes: 8_000, durationMs: 4_000 }));
  expect(latest()).toBe(2_300);
  activity.apply(endEvent(3, { bytes: 500, durationMs: 20 }));
  expect(latest()).toBe(2_800);
});

test("counters name every outcome there was, and failures even if there were none", () => {
  const activity = new Activity();
  activity.apply(endEvent(1));
  activity.apply(endEvent(2, { outcome: "client-error", bytes: 24 }));
  activity.apply(refusedEvent());
  activity.apply({ type: "dropped", at: now, reason: "loop", count: 7 });
  expect(activity.totals.list.map(({ count, name }) => `${count} ${name}`)).toEqual([
    "1 complete",
    "0 failed",
    "1 client error",
    "1 refused",
    "7 dropped",
  ]);
  expect(activity.totals.bytes).toBe(10_485_784);
});

test("about 500 results are kept; the rest is a number", () => {
  const activity = new Activity();
  for (let id = 1; id <= 10_000; id++) activity.apply(endEvent(id));
  const { list, forgotten } = activity.results;
  expect(list.length).toBeGreaterThanOrEqual(500);
  expect(list.length).toBeLessThanOrEqual(550);
  expect(list.length + forgotten).toBe(10_000);
  expect(list.at(-1)?.file).toBe("board10000/zImage");
});

test("a client that is dropped again and again is one result, whose count grows", () => {
  const activity = new Activity();
  const heard: Result[] = [];
  activity.results.onResult((result) => heard.push(result));
  const drop = { type: "dropped", at: now, reason: "over-limit", client: { address: "10.0.0.9", port: 1 } } as const;
  activity.apply({ ...drop, count: 1 });
  activity.apply(endEvent(1));
  activity.apply({ ...drop, count: 4, at: now + 50 });
  expect(activity.results.list.map(({ detail }) => detail)).toEqual([
    "5 requests: more transfers than the limits allow",
    "10 MiB in 2.0 s, 5.0 MiB/s",
  ]);
  expect(heard.map(({ key }) => key)).toEqual([1, 2, 1]);
});

test("noise of the network is counted, but is no result", () => {
  const activity = new Activity();
  activity.apply({ type: "dropped", at: now, reason: "unknown-opcode", count: 3 });
  expect(activity.results.list).toEqual([]);
});

test("a refusal says why, with what went wrong underneath; nothing in it steers a terminal", () => {
  const activity = new Activity();
  activity.apply(refusedEvent({ reason: "outside-root", file: "../\u001b[2J" }));
  activity.apply(refusedEvent({ reason: "read-error", cause: { name: "Error", message: "no\nbucket", tftp: false } }));
  expect(activity.results.list).toMatchObject([
    {
      tone: "warning",
      what: "refused",
      file: String.raw`../\x1b[2J`,
      detail: "the name leads out of the served directory",
    },
    { tone: "bad", what: "refused", detail: String.raw`the source of this file failed (no\x0abucket)` },
  ]);
});
