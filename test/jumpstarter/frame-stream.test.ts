import { EventEmitter } from "node:events";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { FrameStream } from "../../src/jumpstarter/session/frame-stream.ts";
import type { Frame } from "../../src/jumpstarter/wire/messages.ts";

test("a piece of more than 64 KiB goes out in frames of 64 KiB, which every client takes", async () => {
  const { call, lengths } = fakeCall(true);
  await new FrameStream(call, new AbortController().signal).write(new Uint8Array(200_000));
  expect(lengths).toEqual([65_536, 65_536, 65_536, 3_392]);
});

test("a client that does not read gets one frame, and the next when it has read", async () => {
  const { call, lengths } = fakeCall(false);
  const written = new FrameStream(call, new AbortController().signal).write(new Uint8Array(131_072));
  await new Promise(setImmediate);
  expect(lengths).toEqual([65_536]);
  call.emit("drain");
  await new Promise(setImmediate);
  expect(lengths).toEqual([65_536, 65_536]);
  call.emit("drain");
  await written;
});

/** @param takes What each write returns. */
function fakeCall(takes: boolean): { call: ServerDuplexStream<Frame, Frame>; lengths: number[] } {
  const lengths: number[] = [];
  const write = ({ payload }: Frame): boolean => {
    lengths.push(payload.length);
    return takes;
  };
  return { call: Object.assign(new EventEmitter(), { write }) as unknown as ServerDuplexStream<Frame, Frame>, lengths };
}
