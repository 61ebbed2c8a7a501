import { expect, onTestFinished, test } from "vitest";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { chooseTransport } from "../../../src/worker/transport/choose.ts";
import type { Channel, Listener, ListenerReceiver } from "../../../src/worker/transport/transport.ts";
import { openHandles } from "../../helpers/open-handles.ts";
import { expectFree } from "../../helpers/expect-free.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { describeOnEachTransport, type TransportName } from "../../helpers/raw-transports.ts";

const loopback = { address: "127.0.0.1", port: 0 };

describeOnEachTransport("the sockets of transfers that follow each other", (transport) => {
  test("the sockets of ended transfers give their ports back", async () => {
    const { open } = await sockets(transport);
    for (let count = 0; count < 3; count++) {
      const { client, channel, port } = await open();
      channel.close();
      await expect.poll(() => expectFree(port)).toBeUndefined();
      await client.expectNothing();
    }
  });

  test("a reused socket passes nothing on that the last client has sent too late", async () => {
    const { open } = await sockets(transport);
    for (let count = 0; count < 3; count++) {
      const earlier = await open();
      void earlier.client.send(Buffer.from("late"), { address: "127.0.0.1", port: earlier.port });
      // It leaves before the next tick is over, and nobody looks for it until the event loop has its turn.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      earlier.channel.close();
      const later = await open();
      await later.client.send(Buffer.from("in time"), { address: "127.0.0.1", port: later.port });
      await expect.poll(() => later.received.length).toBeGreaterThan(0);
      expect(later.received).toEqual(["in time"]);
      later.channel.close();
    }
  });

  test("a reused socket cuts a window into datagrams, and leaves the next transfer's single packet whole", async () => {
    const { open } = await sockets(transport);
    const earlier = await open();
    earlier.channel.send(Buffer.alloc(250), 0, 250, 100);
    for (const length of [100, 100, 50]) expect((await earlier.client.receive()).bytes).toHaveLength(length);
    earlier.channel.close();
    const later = await open();
    later.channel.send(Buffer.alloc(250), 0, 250, 250);
    expect((await later.client.receive()).bytes).toHaveLength(250);
    later.channel.close();
  });

  test("a new listener closes the pooled sockets: they may be tied to an interface that is gone", async () => {
    const { open, listen, ledger } = await sockets(transport);
    const idle = await listen();
    const before = ledger.open.length;
    const opened = await Promise.all(Array.from({ length: 5 }, () => open()));
    for (const { channel } of opened) channel.close();
    await idle.close();
    const again = await listen();
    expect(ledger.open).toHaveLength(before);
    await again.close();
  });

  test("the pooled sockets are all closed a while after the last transfer", async () => {
    const { open } = await sockets(transport);
    const opened = await Promise.all(Array.from({ length: 5 }, () => open()));
    const during = openHandles();
    for (const { channel } of opened) channel.close();
    await expect.poll(openHandles).toBe(during - opened.length);
  });
});

interface Opened {
  readonly client: RawClient;
  readonly channel: Channel;
  /** The channel's own. */
  readonly port: number;
  readonly received: readonly string[];
}

interface Sockets {
  readonly open: () => Promise<Opened>;
  readonly listen: () => Promise<Listener>;
  readonly ledger: DescriptorLedger;
}

/** A transport, closed with the test, and how to open a channel to a client of its own. */
async function sockets(choice: TransportName): Promise<Sockets> {
  const needs = { ledger: new DescriptorLedger(), mustNotSleep: () => true };
  const transport = await chooseTransport(choice, needs, () => {});
  onTestFinished(() => {
    transport.close();
    expect(needs.ledger.open).toEqual([]);
  });
  const open = async (): Promise<Opened> => {
    const client = await RawClient.open(loopback);
    const channel = await transport.open(loopback, { address: "127.0.0.1", port: client.port });
    const received: string[] = [];
    const onDatagram = (bytes: Uint8Array, length: number): void =>
      void received.push(Buffer.from(bytes.subarray(0, length)).toString());
    channel.attach({ onDatagram, onWritable: () => {}, onError: () => {} });
    const greeting = Buffer.from("hello");
    channel.send(greeting, 0, greeting.length, greeting.length);
    const { port }: Endpoint = (await client.receive()).from;
    return { client, channel, port, received };
  };
  const receiver: ListenerReceiver = {
    onRequest: () => {},
    onNotUnicast: () => {},
    onReplyLost: () => {},
    onError: () => {},
  };
  return { open, listen: () => transport.listen(loopback, receiver), ledger: needs.ledger };
}
