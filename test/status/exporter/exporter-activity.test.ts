import { describe, expect, test } from "vitest";
import type { ExporterEvent } from "../../../src/contract/events/exporter-events.ts";
import { Activity } from "../../../src/status/activity/activity.ts";
import { exporterLines } from "../../../src/status/exporter/describe-exporter.ts";
import type { ExporterActivity } from "../../../src/status/exporter/exporter-activity.ts";
import { now, requestEvent, startEvents, stateEvent } from "../../helpers/events.ts";

const started: ExporterEvent = { type: "lease-started", at: now, lease: "a", client: "alice" };
const ended: ExporterEvent = { type: "lease-ended", at: now, lease: "a", client: "alice", durationMs: 5_000 };

function exporter(...events: ExporterEvent[]): Activity {
  const activity = new Activity({ isExporter: true });
  for (const event of events) activity.applyExporter(event);
  return activity;
}

function linesOf(activity: Activity, at = now): string[] {
  return exporterLines(activity.exporter as ExporterActivity, at).map(({ text }) => text);
}

describe("an exporter", () => {
  test("is held by a client from the start of its lease to its end", () => {
    const activity = exporter(started);
    expect(activity.exporter?.holder).toEqual({ lease: "a", client: "alice", since: now });
    activity.applyExporter(ended);
    expect(activity.exporter?.holder).toBeUndefined();
  });

  test("says on which day a lease began that is older than today", () => {
    const date = /^leased by alice since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d, for 2 d 0 h: lease a$/;
    expect(linesOf(exporter(started), now + 2 * 86_400_000)).toEqual([expect.stringMatching(date)]);
  });

  test("says that its controller is lost, and why", () => {
    const cause = { name: "Error", message: "no way\u001b[2J", tftp: false };
    const activity = exporter({ type: "controller", at: now, state: "lost", endpoint: "lab:443", cause });
    expect(linesOf(activity)).toEqual(["not leased", "controller lab:443: lost, no way\\x1b[2J"]);
  });

  test("says where its clients find it if it has no controller", () => {
    expect(linesOf(exporter({ type: "exporter-listening", at: now, address: "unix:/run/a.sock" }))).toEqual([
      "clients at unix:/run/a.sock",
    ]);
  });

  test("counts calls and files, and has uploads and failed calls among the results, with the client's name", () => {
    const moved = { type: "file-moved", at: now, path: "zImage", bytes: 2_048, durationMs: 1_000 } as const;
    const call = { type: "driver-call", at: now, driver: "tftp", method: "start", durationMs: 1 } as const;
    const { exporter: counted, results } = exporter(
      started,
      { ...moved, direction: "upload", complete: true },
      { ...moved, direction: "download", complete: false },
      { ...call, status: 0 },
      { ...call, status: 2, error: "no luck" },
      ended,
    );
    expect(counted?.totals).toEqual([
      { name: "lease", count: 1 },
      { name: "calls", count: 2 },
      { name: "failed call", count: 1 },
      { name: "upload", count: 1 },
      { name: "downloads", count: 0 },
      { name: "broken off", count: 1 },
    ]);
    expect(results.list).toMatchObject([
      { what: "leased", client: "alice", detail: "lease a" },
      { what: "upload", client: "alice", file: "zImage", detail: "2.0 KiB in 1.0 s, 2.0 KiB/s", tone: "good" },
      { what: "download broken off", client: "alice", file: "zImage", tone: "warning" },
      { what: "call failed", client: "alice", detail: "tftp.start: no luck" },
      { what: "lease over", client: "alice", detail: "lease a, after 5.0 s" },
    ]);
  });
});

describe("several servers of one exporter", () => {
  test("have transfers of their own, though their ids are the same", () => {
    const activity = new Activity({ isExporter: true });
    activity.apply(requestEvent(1), 0);
    activity.apply(requestEvent(1), 1);
    expect(activity.runningCount).toBe(2);
    activity.apply({ type: "stopped", at: now }, 0);
    expect(activity.runningCount).toBe(1);
  });

  test("show all their addresses, and the status that is worth most attention", () => {
    const activity = new Activity({ isExporter: true });
    for (const server of [0, 1]) for (const event of startEvents()) activity.apply(event, server);
    expect(activity.endpoints).toHaveLength(2);
    expect(activity.status).toBe("running");
    activity.apply(stateEvent("running", "failed"), 1);
    expect(activity.status).toBe("failed");
  });

  test("are forgotten once they are over and the next one is there, so that a thousand leases take no more memory", () => {
    const activity = new Activity({ isExporter: true });
    for (let server = 0; server < 1_000; server++) {
      for (const event of startEvents()) activity.apply(event, server);
      activity.apply(stateEvent("running", "stopping"), server);
      activity.apply(stateEvent("stopping", "stopped"), server);
      expect(activity.endpoints).toHaveLength(1);
    }
  });
});
