import { Socket } from "node:dgram";
import { expect, onTestFinished, test, vi } from "vitest";
import { DgramTransport } from "../../../../src/worker/transport/dgram/dgram.ts";
import type { Channel } from "../../../../src/worker/transport/transport.ts";

const address = "127.0.0.1";
const window = Buffer.alloc(400);
const clean = { onRequest: () => {}, onNotUnicast: () => {}, onReplyLost: () => {}, onError: () => {} };

async function ownChannel(transport: DgramTransport): Promise<Channel> {
  return await transport.open({ address, port: 0 }, { address, port: 9 });
}

async function sharedChannel(transport: DgramTransport): Promise<Channel> {
  const listener = await transport.listen({ address, port: 0 }, clean);
  onTestFinished(() => void listener.close());
  const channel = listener.share(listener.bound, { address, port: 9 });
  if (!channel) throw new Error("the port is bound");
  return channel;
}

test.each([
  ["own", ownChannel],
  ["shared", sharedChannel],
])("once the last datagram of a window was lost, all lost ones are counted (%s port)", async (_, open) => {
  const channel = await open(new DgramTransport());
  onTestFinished(() => channel.close());
  let errors = 0;
  channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError: () => void errors++ });
  vi.spyOn(Socket.prototype, "send").mockImplementation((...args: unknown[]) => {
    const done = args.at(-1);
    if (typeof done === "function") process.nextTick(done, Object.assign(new Error("send EPERM"), { code: "EPERM" }));
  });
  channel.send(window, 0, 400, 100);
  await expect.poll(() => errors).toBe(1);
  channel.send(window, 0, 400, 100);
  await expect.poll(() => errors).toBe(5);
});
