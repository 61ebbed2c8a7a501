import { expect, test } from "vitest";
import { encodeFrame, FrameReader } from "../../src/object-store/client/frames.ts";

const messages = [
  { id: 1, bytes: new Uint8Array([1, 2, 3]) },
  "",
  { list: Array.from({ length: 1_000 }, String) },
  null,
];
const stream = Buffer.concat(messages.flatMap((message) => encodeFrame(message)));

test.each([1, 3, 4, 5, 1_000, stream.length])("messages cut into pieces of %i bytes arrive whole, in order", (size) => {
  const received: unknown[] = [];
  const reader = new FrameReader((message) => received.push(message));
  for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
  expect(received).toHaveLength(messages.length);
  expect(Buffer.from((received[0] as { bytes: Uint8Array }).bytes)).toEqual(Buffer.from([1, 2, 3]));
  expect(received.slice(1)).toEqual(messages.slice(1));
});
