import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { Activity } from "../../../src/status/activity/activity.ts";
import { frame } from "../../../src/cli/terminal/frame.ts";
import { chooseStyle } from "../../../src/cli/terminal/style.ts";
import { textWidth } from "../../../src/cli/terminal/width.ts";
import { endEvent, now, progressEvent, refusedEvent, requestEvent, startEvents } from "../../helpers/events.ts";

const plain = { LANG: "C.UTF-8", NO_COLOR: "1" };
const MIB = 1_048_576;

test("80x24: the address, notices, running transfers, the newest result first, counters at the bottom", () => {
  const activity = busy(2);
  const lines = draw(activity, 80, 24);
  expect(lines).toHaveLength(24);
  expect(lines.slice(0, 10)).toEqual([
    "tftp-driver 192.168.1.1:69  listening",
    "try: curl -o - tftp://192.168.1.1/hello.txt",
    "",
    "2 running, 1.5 MiB/s",
    " 10% █░░░░░░░░░░░░  1.0 MiB/s  ETA 0:09     192.168.1.17  board1/zImage",
    " 20% ██░░░░░░░░░░░  1.0 MiB/s  ETA 0:08     192.168.1.17  board2/zImage",
    "",
    "Last results",
    expect.stringMatching(/^\d\d:\d\d:\d\d refused       192\.168\.1\.17     nope  there is no such file$/),
    expect.stringMatching(
      /^\d\d:\d\d:\d\d complete      192\.168\.1\.17     board99\/zImage  10 MiB in 2\.0 s, 5\.0 Mi…$/,
    ),
  ]);
  expect(lines.at(-1)).toBe("1 complete · 0 failed · 1 refused · 0 dropped · 10 MiB served");
});

test("an exporter's screen shows who holds the lease and since when, and counts calls and uploads", () => {
  const activity = new Activity({ isExporter: true });
  const at = now - 65_000;
  activity.applyExporter({ type: "controller", at, state: "registered", endpoint: "lab:443" });
  expect(draw(activity, 80, 24).slice(0, 3)).toEqual([
    "tftp-driver  stopped",
    "not leased",
    "controller lab:443: registered",
  ]);
  activity.applyExporter({ type: "lease-started", at, lease: "board-1-x", client: "ali\u001bce" });
  activity.applyExporter({ type: "driver-call", at, driver: "tftp", method: "start", durationMs: 1, status: 0 });
  const lines = draw(activity, 80, 24);
  const since = new Date(at).toTimeString().slice(0, 8);
  expect(lines[1]).toBe(`leased by ali\\x1bce since ${since}, for 1 min 6 s: lease board-1-x`);
  expect(lines.at(-1)).toMatch(/^1 lease · 1 call · 0 uploads · 0 downloads · 0 complete/);
  expect(draw(activity, 80, 8).slice(0, 2)).toEqual(["tftp-driver  stopped", lines[1]]);
});

test("several addresses stand beside the status, or on lines of their own if they do not fit", () => {
  const activity = listeningOn("10.0.0.1", "fd00::1");
  expect(draw(activity, 80, 24)[0]).toBe("tftp-driver 10.0.0.1:69, [fd00::1]:69  listening");
  expect(draw(activity, 40, 24).slice(0, 2)).toEqual(["tftp-driver  listening", "10.0.0.1:69, [fd00::1]:69"]);
  expect(draw(activity, 40, 10)[0]).toBe("tftp-driver 10.0.0.1:69 and 1 more  lis…");
});

test("more addresses than four lines hold are a number, and no line is too wide", () => {
  const addresses = Array.from({ length: 40 }, (_, index) => `10.0.0.${index}`);
  const lines = draw(listeningOn(...addresses), 60, 24).slice(0, 6);
  expect(lines.slice(0, 2)).toEqual(["tftp-driver  listening", "10.0.0.0:69, 10.0.0.1:69, 10.0.0.2:69, 10.0.0.3:69"]);
  expect(lines[4]).toMatch(/^10\.0\.0\.\d+:69, .*, and \d+ more$/);
  const shown = lines.slice(1, 5).join().match(/:69/g) ?? [];
  expect(lines[4]).toContain(`and ${40 - shown.length} more`);
  expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(60);
});

test("a server that lost its addresses says so", () => {
  const activity = listeningOn("10.0.0.1");
  activity.apply({ type: "listening-address", at: now, change: "removed", host: "10.0.0.1", port: 69 });
  expect(draw(activity, 80, 24)[0]).toBe("tftp-driver no address  listening");
  activity.apply({ type: "listening-address", at: now, change: "added", host: "10.0.0.2", port: 69 });
  expect(draw(activity, 80, 24)[0]).toBe("tftp-driver 10.0.0.2:69  listening");
});

test("more transfers than lines are summed up, and three results are seen all the same", () => {
  const lines = draw(busy(25), 80, 24);
  const rows = lines.filter((line) => line.includes("zImage") && line.includes("ETA"));
  expect(lines).toHaveLength(24);
  expect(lines).toContain(`… and ${25 - rows.length} more`);
  expect(lines).toContain("Last results");
  expect(lines.some((line) => line.includes("refused"))).toBe(true);
});

test("40x10: no blank lines, no notices, no client, and the end of the name", () => {
  expect(draw(busy(5), 40, 10)).toEqual([
    "tftp-driver 192.168.1.1:69  listening",
    "5 running, 7.5 MiB/s",
    " 10% ░░░░░░  1.0 MiB/s  board1/zImage",
    " 20% █░░░░░  1.0 MiB/s  board2/zImage",
    " 30% █░░░░░  1.0 MiB/s  board3/zImage",
    "… and 2 more",
    "Last results",
    expect.stringMatching(/^\d\d:\d\d:\d\d refused       nope$/),
    expect.stringMatching(/^\d\d:\d\d:\d\d complete      board99\/zImage$/),
    "1 complete · 0 failed · 1 refused",
  ]);
});

test("200 columns: amounts and ports, too", () => {
  const lines = draw(busy(1), 200, 24);
  expect(lines[4]).toMatch(
    /^ 10% █{3}░{27} {2}1\.0 MiB\/s {5}1\.0 MiB of 10 MiB {2}ETA 0:09 {5}192\.168\.1\.17 {2}board1\/zImage$/,
  );
  expect(lines[8]).toContain("192.168.1.17:2070");
});

describe("no size is too small: never more lines, or wider ones, than there are", () => {
  const names = ["漢字ルートファイル/カーネル.bin", "a".repeat(300), "🚀🚀🚀/x"];
  test.each(
    [0, 1, 2, 3, 4, 5, 7, 10, 15, 16, 24, 60].flatMap((rows) =>
      [1, 5, 20, 40, 59, 60, 76, 80, 120, 200].map((columns) => [columns, rows]),
    ),
  )("a frame of %ix%i has neither more lines nor wider ones", (columns, rows) => {
    const activity = busy(7);
    for (const [index, file] of names.entries()) {
      activity.apply(requestEvent(100 + index, { file }));
      activity.apply(
        endEvent(200 + index, { file, outcome: "failed", error: { text: "the disk is gone ".repeat(9) } }),
      );
    }
    for (const env of [plain, { NO_COLOR: "1" }, { LANG: "C.UTF-8" }]) {
      const lines = draw(activity, columns, rows, env);
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
  });
});

test("a transfer without a known total shows its amount where the bar would be", () => {
  const activity = new Activity();
  const { total: _, ...netascii } = requestEvent(1);
  activity.apply(netascii);
  activity.apply(progressEvent(1, 3 * MIB));
  expect(draw(activity, 80, 10)[2]).toBe("           3.0 MiB  1.0 MiB/s               192.168.1.17  board1/zImage");
});

test("a name can neither steer the terminal nor break the line", () => {
  const activity = new Activity();
  activity.apply(requestEvent(1, { file: "\u001b]0;owned\u0007\n\u001b[2J" }));
  const text = frame(screen(activity, 200, 10, plain)).join("");
  // eslint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  expect(text).toContain(String.raw`\x1b]0;owned\x07\x0a\x1b[2J`);
});

test("colors need an absent NO_COLOR; block characters need a locale that has them", () => {
  expect(raw({ LANG: "C.UTF-8" })).toContain("\u001b[36m█");
  expect(raw({ LANG: "C.UTF-8", NO_COLOR: "" })).toContain("\u001b[");
  expect(raw(plain)).not.toContain("\u001b");
  expect(raw({ LANG: "C", NO_COLOR: "1" })).toContain(" 20% ##-----------");
  expect(raw({ NO_COLOR: "1" })).toMatch(/^[\n\x20-\x7e]*$/);
});

function draw(activity: Activity, columns: number, rows: number, env: NodeJS.ProcessEnv = plain): string[] {
  return frame(screen(activity, columns, rows, env)).map((line) => stripVTControlCharacters(line));
}

function raw(env: NodeJS.ProcessEnv): string {
  return frame(screen(busy(2), 80, 24, env)).join("\n");
}

function screen(
  activity: Activity,
  columns: number,
  rows: number,
  env: NodeJS.ProcessEnv,
): Parameters<typeof frame>[0] {
  const notices = ["try: curl -o - tftp://192.168.1.1/hello.txt"];
  return { activity, notices, now: now + 1_000, columns, rows, style: chooseStyle(env) };
}

/** So many running transfers, the first at 10 %, each 10 % ahead of the one before; and two results. */
function busy(count: number): Activity {
  const activity = new Activity();
  for (const event of startEvents()) activity.apply(event);
  for (let id = 1; id <= count; id++) {
    activity.apply(requestEvent(id));
    activity.apply(progressEvent(id, (((id - 1) % 9) + 1) * MIB));
  }
  activity.apply(endEvent(99, { at: now - 600_000 }));
  activity.apply(refusedEvent({ at: now }));
  return activity;
}

function listeningOn(...hosts: readonly string[]): Activity {
  const activity = new Activity();
  const addresses = hosts.map((host) => ({ host, port: 69 }));
  const [listening, running] = startEvents(hosts[0]);
  activity.apply({ ...listening, addresses });
  activity.apply(running);
  return activity;
}
