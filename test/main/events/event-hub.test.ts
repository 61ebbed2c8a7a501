import { expect, test, vi } from "vitest";
import type { TftpEvent } from "../../../src/contract/events/events.ts";
import { EventHub } from "../../../src/main/events/event-hub.ts";

const stopped: TftpEvent = { type: "stopped", at: 1 };
const warning: TftpEvent = { type: "warning", at: 2, message: "careful" };

test("a listener gets its own type, and `*` gets all, in order", () => {
  const hub = new EventHub(unexpected);
  const own: TftpEvent[] = [];
  const all: TftpEvent[] = [];
  hub.on("stopped", (event) => own.push(event));
  hub.on("*", (event) => all.push(event));
  for (const event of [warning, stopped, warning]) hub.emit(event);
  expect(own).toEqual([stopped]);
  expect(all).toEqual([warning, stopped, warning]);
});

test("an unsubscribed listener gets no event, and unsubscribing twice does no harm", () => {
  const hub = new EventHub(unexpected);
  const listener = vi.fn<(event: TftpEvent) => void>();
  const unsubscribe = hub.on("stopped", listener);
  const twice = hub.on("stopped", listener);
  unsubscribe();
  unsubscribe();
  hub.emit(stopped);
  expect(listener).toHaveBeenCalledTimes(1);
  twice();
  hub.emit(stopped);
  expect(listener).toHaveBeenCalledTimes(1);
});

test("a listener that throws is reported, and the others get the event", () => {
  const report = vi.fn<(error: unknown, event: TftpEvent) => void>();
  const hub = new EventHub(report);
  const error = new Error("mine");
  const other = vi.fn<(event: TftpEvent) => void>();
  hub.on("stopped", () => {
    throw error;
  });
  hub.on("stopped", other);
  hub.emit(stopped);
  expect(report).toHaveBeenCalledExactlyOnceWith(error, stopped);
  expect(other).toHaveBeenCalledExactlyOnceWith(stopped);
});

test("a listener that rejects is reported, and no rejection is left unhandled", async () => {
  const error = new Error("later");
  const reported = new Promise((resolve) => {
    const hub = new EventHub((thrown) => resolve(thrown));
    hub.on("stopped", async () => {
      throw error;
    });
    hub.emit(stopped);
  });
  expect(await reported).toBe(error);
});

test("a listener that subscribes another during an event does not change who gets it", () => {
  const hub = new EventHub(unexpected);
  const late = vi.fn<(event: TftpEvent) => void>();
  hub.on("stopped", () => void hub.on("stopped", late));
  hub.emit(stopped);
  expect(late).not.toHaveBeenCalled();
});

function unexpected(error: unknown): void {
  throw error;
}

test("once() resolves with the next event of its type", async () => {
  const hub = new EventHub(unexpected);
  const next = hub.once("stopped", undefined);
  hub.emit({ type: "warning", at: 1, message: "other" });
  hub.emit({ type: "stopped", at: 2 });
  hub.emit({ type: "stopped", at: 3 });
  expect(await next).toEqual({ type: "stopped", at: 2 });
});

test("once() rejects with ABORTED by its signal, also one that has fired already, and with CLOSED at the end", async () => {
  const hub = new EventHub(unexpected);
  const controller = new AbortController();
  const wait = hub.once("*", controller.signal);
  controller.abort();
  await expect(wait).rejects.toMatchObject({ code: "ABORTED" });
  await expect(hub.once("*", AbortSignal.abort())).rejects.toMatchObject({ code: "ABORTED" });
  const closing = hub.once("stopped", undefined);
  hub.close();
  await expect(closing).rejects.toMatchObject({ code: "CLOSED" });
  await expect(hub.once("stopped", undefined)).rejects.toMatchObject({ code: "CLOSED" });
});

test("an unknown event type is refused, and the message names those that exist", async () => {
  const hub = new EventHub(unexpected);
  const wrong = "stoped" as "stopped";
  expect(() => hub.on(wrong, () => {})).toThrow(/^type: expected one of \*, state, .*, got "stoped"$/);
  await expect(hub.once(wrong, undefined)).rejects.toMatchObject({ code: "INVALID_OPTION" });
});
