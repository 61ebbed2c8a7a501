import { expect, test } from "vitest";
import type { TftpEvent } from "../../../src/contract/events/events.ts";
import { EventHub } from "../../../src/main/events/event-hub.ts";

const warning = (message: string): TftpEvent => ({ type: "warning", at: 1, message });

test("a stream yields every event from its making on, in order, also those before the first read", async () => {
  const hub = new EventHub(unexpected);
  hub.emit(warning("before"));
  const stream = hub.stream(undefined);
  hub.emit(warning("1"));
  hub.emit(warning("2"));
  const late = [stream.next(), stream.next(), stream.next()];
  hub.emit(warning("3"));
  expect(await Promise.all(late)).toMatchObject(["1", "2", "3"].map((message) => ({ value: { message } })));
});

test("a reader that falls behind loses the oldest events, and gets their number in their place", async () => {
  const hub = new EventHub(unexpected);
  const stream = hub.stream(undefined);
  for (let count = 1; count <= 1_003; count++) hub.emit(warning(`${count}`));
  expect(await stream.next()).toMatchObject({ value: { type: "lost", count: 3 } });
  expect(await stream.next()).toMatchObject({ value: { message: "4" } });
  hub.emit(warning("1004"));
  for (let count = 5; count <= 1_004; count++) {
    expect(await stream.next()).toMatchObject({ value: { message: `${count}` } });
  }
});

test("the signal ends a stream, and with it the loop that waits for the next event", async () => {
  const hub = new EventHub(unexpected);
  const controller = new AbortController();
  const seen: unknown[] = [];
  const loop = (async () => {
    for await (const event of hub.stream(controller.signal)) seen.push(event);
  })();
  hub.emit(warning("1"));
  await Promise.resolve();
  controller.abort();
  hub.emit(warning("2"));
  await loop;
  expect(seen).toEqual([warning("1")]);
});

test("a signal that has fired already makes a stream that is over", async () => {
  const stream = new EventHub(unexpected).stream(AbortSignal.abort());
  expect(await stream.next()).toEqual({ value: undefined, done: true });
});

test("leaving the loop ends the stream", async () => {
  const hub = new EventHub(unexpected);
  const stream = hub.stream(undefined);
  hub.emit(warning("1"));
  hub.emit(warning("2"));
  for await (const event of stream) {
    expect(event).toEqual(warning("1"));
    break;
  }
  expect(await stream.next()).toEqual({ value: undefined, done: true });
});

test("when the hub closes, what waits may still be read, and then the stream is over", async () => {
  const hub = new EventHub(unexpected);
  const stream = hub.stream(undefined);
  hub.emit(warning("1"));
  hub.close();
  const read: unknown[] = [];
  for await (const event of stream) read.push(event);
  expect(read).toEqual([warning("1")]);
  expect(await hub.stream(undefined).next()).toMatchObject({ done: true });
});

function unexpected(error: unknown): void {
  throw error;
}
