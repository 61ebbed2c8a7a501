import { expect, test } from "vitest";
import type { TftpEvent, TransferEndedEvent } from "../../../src/contract/events/events.ts";
import type { TransferOutcome } from "../../../src/contract/events/outcomes.ts";
import { logEvent } from "../../../src/main/events/log-event.ts";

const client = { address: "192.168.1.17", port: 2_070 };
const boot: TransferEndedEvent = {
  type: "transfer-ended",
  at: 0,
  id: 1,
  file: "board1/zImage",
  client,
  outcome: "complete",
  bytes: 5_000,
  durationMs: 12,
  retransmissions: 0,
  blockSize: 1_468,
  windowSize: 1,
};

test("a healthy boot is one info line a file, at its end", () => {
  const local = { address: "192.168.1.1", port: 69 };
  const events: TftpEvent[] = [
    { type: "request", at: 0, id: 1, file: "a", client, local, mode: "octet", requested: {}, granted: {} },
    { type: "progress", at: 0, id: 1, file: "a", client, bytes: 1, bytesPerSecond: 1 },
    boot,
  ];
  const lines = events.map(logged);
  expect(lines.map(([level]) => level)).toEqual(["debug", "debug", "info"]);
  expect(lines[2]?.[1]).toBe("board1/zImage to 192.168.1.17:2070: 4.9 KiB in 12 ms, 407 KiB/s");
});

test.each<[TransferOutcome, string]>([
  ["unconfirmed", "info"],
  ["size-query", "debug"],
  ["replaced", "debug"],
  ["client-error", "warn"],
  ["timed-out", "warn"],
  ["server-stopped", "warn"],
  ["failed", "error"],
])("a transfer that ends as %s is logged as %s", (outcome, level) => {
  expect(logged({ ...boot, outcome })[0]).toBe(level);
});

test("a failure is logged with its reason in the line, and the error in the details", () => {
  const cause = { name: "Error", message: "EIO: read failed", code: "EIO", tftp: false };
  const [level, message, details] = logged({ ...boot, outcome: "failed", cause });
  expect([level, message]).toEqual(["error", expect.stringContaining("(EIO: read failed)")]);
  expect(details).toMatchObject({ err: { message: "EIO: read failed", code: "EIO" } });
});

test.each([
  ["not-found", "debug"],
  ["outside-root", "warn"],
  ["forbidden", "warn"],
  ["read-error", "error"],
] as const)("a request refused as %s is logged as %s", (reason, level) => {
  expect(logged({ type: "refused", at: 0, reason, file: "a", client, errorCode: 1 })[0]).toBe(level);
});

test.each([
  ["loop", "debug"],
  ["malformed", "debug"],
  ["over-limit", "warn"],
  ["denied", "warn"],
] as const)("datagrams dropped as %s are logged as %s", (reason, level) => {
  expect(logged({ type: "dropped", at: 0, reason, count: 3 })[0]).toBe(level);
});

test("a crash is logged as an error", () => {
  const cause = { name: "TftpError", message: "the server's thread died: x", code: "WORKER_CRASHED", tftp: true };
  expect(logged({ type: "worker-crashed", at: 0, cause }).slice(0, 2)).toEqual(["error", cause.message]);
});

function logged(event: TftpEvent): [level: string, message: string, details: object] {
  const lines: [string, string, object][] = [];
  const level = (name: string) => (details: object, message: string) => void lines.push([name, message, details]);
  logEvent({ debug: level("debug"), info: level("info"), warn: level("warn"), error: level("error") }, event);
  expect(lines).toHaveLength(1);
  return lines[0] as [string, string, object];
}
