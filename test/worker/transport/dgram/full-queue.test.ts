import { Socket } from "node:dgram";
import { expect, onTestFinished, test, vi } from "vitest";
import { tick } from "../../../../src/shared/tick.ts";
import type { Endpoint } from "../../../../src/contract/endpoint.ts";
import { DgramTransport } from "../../../../src/worker/transport/dgram/dgram.ts";
import { RawClient } from "../../../helpers/raw-client.ts";

const address = "127.0.0.1";
const hello = Buffer.from("hello");

test("behind a long queue of Node's, clients that were not heard of since their request get nothing", async () => {
  const { listener, lost } = await wellKnownPort();
  const [forged, running] = [await RawClient.open(listener.bound), await RawClient.open(listener.bound)];
  const heard: string[] = [];
  const shared = (client: RawClient) => {
    const channel = listener.share(listener.bound, { address, port: client.port });
    if (!channel) throw new Error("the port is bound");
    channel.attach({
      onDatagram: () => void heard.push("datagram"),
      onWritable: () => {},
      onError: ({ code }) => void heard.push(`${code}`),
    });
    onTestFinished(() => channel.close());
    return channel;
  };
  const [toForged, toRunning] = [shared(forged), shared(running)];
  await running.send(hello);
  await expect.poll(() => heard).toEqual(["datagram"]);
  const size = vi.spyOn(Socket.prototype, "getSendQueueSize").mockReturnValue(100_000);
  expect(toForged.send(hello, 0, 5, 5)).toBe(5);
  expect(heard).toHaveLength(1);
  toRunning.send(hello, 0, 5, 5);
  expect((await running.receive()).bytes).toEqual(hello);
  expect(heard).toEqual(["datagram", "ENOBUFS"]);
  listener.reply(hello, { address, port: forged.port }, listener.bound);
  expect(lost).toEqual(["ENOBUFS"]);
  size.mockReturnValue(10_000_000);
  toRunning.send(hello, 0, 5, 5);
  await tick();
  expect(heard).toEqual(["datagram", "ENOBUFS", "ENOBUFS"]);
  await forged.expectNothing();
});

async function wellKnownPort() {
  const lost: (string | undefined)[] = [];
  const transport = new DgramTransport();
  const local: Endpoint = { address, port: 0 };
  const listener = await transport.listen(local, {
    onRequest: () => {},
    onNotUnicast: () => {},
    onReplyLost: ({ code }) => void lost.push(code),
    onError: () => {},
  });
  onTestFinished(() => void listener.close());
  return { listener, lost };
}
