import { expect, onTestFinished, test } from "vitest";
import { chooseTransport } from "../../../src/worker/transport/choose.ts";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import type { BoundListener, Channel } from "../../../src/worker/transport/transport.ts";
import { expectFree } from "../../helpers/expect-free.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { request } from "../../helpers/raw-packets.ts";
import { describeOnEachTransport, type TransportName } from "../../helpers/raw-transports.ts";

describeOnEachTransport("the well-known port, while a transfer that shares it keeps it from closing", (transport) => {
  test("a listener that resumes takes requests again, also after the transfer", async () => {
    const { listener, client, channel, requests } = await sharedPort(transport);
    const closing = listener.close();
    expect(listener.resume()).toBe(true);
    await client.send(request("a"));
    await expect.poll(() => requests).toContain("a");
    channel.close();
    await closing;
    await client.send(request("b"));
    await expect.poll(() => requests).toContain("b");
    await listener.close();
    expect(listener.resume()).toBe(false);
    await expectFree(listener.bound.port);
  });

  test("each call of close() resolves, though it resumed in between, and the port is free then", async () => {
    const { listener, channel } = await sharedPort(transport);
    const first = listener.close();
    listener.resume();
    const second = listener.close();
    channel.close();
    await Promise.all([first, second]);
    expect(listener.resume()).toBe(false);
    await expectFree(listener.bound.port);
  });
});

interface SharedPort {
  readonly listener: BoundListener;
  readonly client: RawClient;
  /** Shares the port, for another client. */
  readonly channel: Channel;
  /** The names that were asked for. */
  readonly requests: readonly string[];
}

async function sharedPort(choice: TransportName): Promise<SharedPort> {
  const needs = { ledger: new DescriptorLedger(), mustNotSleep: () => true };
  const transport = await chooseTransport(choice, needs, () => {});
  onTestFinished(() => {
    transport.close();
    expect(needs.ledger.open).toEqual([]);
  });
  const requests: string[] = [];
  const onRequest = (bytes: Uint8Array): void =>
    void requests.push(Buffer.from(bytes.subarray(2)).toString().split("\0")[0] ?? "");
  const receiver = { onRequest, onNotUnicast: () => {}, onReplyLost: () => {}, onError: () => {} };
  const listener = await transport.listen({ address: "127.0.0.1", port: 0 }, receiver);
  const channel = listener.share(listener.bound, { address: "127.0.0.1", port: 9 });
  if (!channel) throw new Error("the port is bound");
  channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError: () => {} });
  return { listener, client: await RawClient.open(listener.bound), channel, requests };
}
