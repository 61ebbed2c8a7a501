import { EventEmitter } from "node:events";
import type { WriteStream } from "node:tty";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { TftpEvent } from "../../../src/contract/events/events.ts";
import { Activity } from "../../../src/status/activity/activity.ts";
import { chooseStyle } from "../../../src/cli/terminal/style.ts";
import { TerminalView } from "../../../src/cli/terminal/terminal-view.ts";
import { endEvent, now, progressEvent, requestEvent, startEvents } from "../../helpers/events.ts";

const [listening] = startEvents();
const END_OF_FRAME = "\u001b[J\u001b[H";

/** A terminal that remembers what was written to it. */
class Terminal extends EventEmitter {
  columns = 80;
  rows = 24;
  written = "";

  write(text: string): void {
    this.written += text;
  }

  get frames(): number {
    return this.written.split(END_OF_FRAME).length - 1;
  }
}

let terminal: Terminal;
let view: TerminalView;
let show: (event: TftpEvent) => void;

beforeEach(() => {
  vi.useFakeTimers();
  terminal = new Terminal();
  const activity = new Activity();
  view = new TerminalView(terminal as unknown as WriteStream, activity, chooseStyle({ NO_COLOR: "1" }));
  show = (event) => {
    activity.apply(event);
    view.show(event);
  };
});

afterEach(() => {
  view.end();
  vi.useRealTimers();
});

test("however much happens, and however often it is resized, there are at most five frames a second", () => {
  show(listening);
  show(requestEvent(1));
  for (let ms = 0; ms < 3_000; ms += 10) {
    show(progressEvent(1, ms));
    terminal.emit("resize");
    vi.advanceTimersByTime(10);
  }
  expect(terminal.frames).toBeGreaterThanOrEqual(14);
  expect(terminal.frames).toBeLessThanOrEqual(16);
});

test("without events there is a frame a second: time passes", () => {
  show(listening);
  vi.advanceTimersByTime(500);
  const { frames } = terminal;
  vi.advanceTimersByTime(5_000);
  expect(terminal.frames - frames).toBe(5);
});

test("the screen opens once the port is bound: a failed start is reported on the first screen", () => {
  view.say("a notice");
  show({ type: "warning", at: now, message: "no default route" });
  vi.advanceTimersByTime(5_000);
  expect(terminal.written).toBe("");
  view.end();
  expect(terminal.written).toMatch(/^\d\d:\d\d:\d\d warning: no default route\n$/);
});

test("at the view's end the first screen comes back, with cursor and wrapping, and the events are lines on it", () => {
  show(listening);
  show(requestEvent(1));
  vi.advanceTimersByTime(1_000);
  show(endEvent(1));
  view.end();
  const left = terminal.written.split("\u001b[?7h\u001b[?25h\u001b[?1049l")[1];
  expect(left?.split("\n")).toEqual([
    expect.stringMatching(/ listening on 192\.168\.1\.1:69$/),
    expect.stringMatching(/ board1\/zImage to 192\.168\.1\.17:2070: 10 MiB in 2\.0 s, 5\.0 MiB\/s$/),
    "",
  ]);
});

test("events after the view's end are lines, and draw no frame", () => {
  show(listening);
  vi.advanceTimersByTime(1_000);
  view.end();
  const before = terminal.written.length;
  show({ type: "stopped", at: now });
  vi.advanceTimersByTime(10_000);
  expect(terminal.written.slice(before)).toMatch(/^\d\d:\d\d:\d\d stopped\n$/);
});

test("the last 200 lines are left on the terminal, and the number of those before", () => {
  show(listening);
  for (let id = 1; id <= 1_000; id++) show(endEvent(id));
  view.end();
  const lines = terminal.written.split("1049l")[1]?.split("\n") ?? [];
  expect(lines[0]).toBe("(801 earlier lines are not kept)");
  expect(lines).toHaveLength(202);
  expect(lines.at(-2)).toContain("board1000/zImage");
});

test("a process that ends by itself leaves the screen", () => {
  show(listening);
  process.listeners("exit").at(-1)?.(0);
  expect(terminal.written).toMatch(/1049l$/);
});

test("a terminal that does not know its size is taken for 80x24", () => {
  Object.assign(terminal, { columns: 0, rows: undefined });
  show(listening);
  vi.advanceTimersByTime(1_000);
  expect(terminal.written).toContain("\u001b[24;1H");
  expect(terminal.written).not.toContain("\u001b[25;1H");
});
