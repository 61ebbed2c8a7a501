import { describe, expect, onTestFinished, test, vi } from "vitest";
import { DescriptorLedger } from "../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { chooseTransport } from "../../src/worker/transport/choose.ts";
import { type Libc, loadLibc } from "../../src/worker/transport/linux/system/libc.ts";
import { NativeTransport } from "../../src/worker/transport/linux/native.ts";
import type { Channel, Transport } from "../../src/worker/transport/transport.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { transports } from "../helpers/raw-transports.ts";
import { describeWithRings } from "../helpers/rings.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const loopback = { address: "127.0.0.1", port: 0 };
const COUNT = 40;

/** The native transport also as it is where io_uring is forbidden. */
const kinds = transports.flatMap((name) => (name === "native" ? [name, "native without io_uring" as const] : [name]));

describe.each(kinds)("transfers that run side by side (%s)", (kind) => {
  test("transfers side by side get their own clients' datagrams, and answer each from a port of its own", async () => {
    const { channels, clients } = await sideBySide(kind);
    for (const [index, channel] of channels.entries()) {
      receive(channel, (text) => answer(channel, `${text} for ${index}`));
    }
    await hello(channels, clients);
    await Promise.all(clients.map((client, index) => client.send(Buffer.from(`ack ${index}`))));
    const ports = new Set<number>();
    for (const [index, client] of clients.entries()) {
      const { bytes, from } = await client.receive();
      expect(bytes.toString()).toBe(`ack ${index} for ${index}`);
      ports.add(from.port);
    }
    expect(ports.size).toBe(COUNT);
  });

  test("transfers side by side may end in each other's callbacks, and then get nothing more", async () => {
    const { channels, clients, close } = await sideBySide(kind);
    let ended = false;
    const late: string[] = [];
    for (const channel of channels) {
      receive(channel, (text) => {
        if (ended) late.push(text);
        ended = true;
        channels.forEach(close);
      });
    }
    await hello(channels, clients);
    await Promise.all(clients.map((client) => client.send(Buffer.from("ack"))));
    await expect.poll(() => ended).toBe(true);
    await clients[0]?.expectNothing();
    expect(late).toEqual([]);
  });

  test("transfers side by side send their last ERROR before they close", async () => {
    const { channels, clients, close } = await sideBySide(kind);
    for (const channel of channels) {
      receive(channel, () => {
        answer(channel, "goodbye");
        close(channel);
      });
    }
    await hello(channels, clients);
    await Promise.all(clients.map((client) => client.send(Buffer.from("error"))));
    for (const client of clients) expect((await client.receive()).bytes.toString()).toBe("goodbye");
  });
});

describeWithRings("transfers that run side by side", () => {
  test("transfers side by side share system calls: less than one for each datagram that arrives with others", async () => {
    let sends = 0;
    const libc = await loadLibc();
    const counting: Libc = { ...libc, send: (...what) => (sends++, libc.send(...what)) };
    const ledger = new DescriptorLedger();
    const { channels, clients } = await connect(new NativeTransport(counting, ledger, () => true), ledger);
    for (const channel of channels) receive(channel, (text) => answer(channel, text));
    await hello(channels, clients);
    sends = 0;
    await Promise.all(clients.map((client) => client.send(Buffer.from("ack"))));
    for (const client of clients) expect((await client.receive()).bytes.toString()).toBe("ack");
    expect(sends).toBeLessThan(COUNT);
  });
});

/** Channels to as many clients, of a transport that is closed with the test and then holds nothing. */
async function sideBySide(kind: (typeof kinds)[number]) {
  const ledger = new DescriptorLedger();
  return await connect(await openTransport(kind, ledger), ledger);
}

async function connect(transport: Transport, ledger: DescriptorLedger) {
  const clients = await Promise.all(Array.from({ length: COUNT }, () => RawClient.open(loopback)));
  const channels = await Promise.all(
    clients.map(({ port }) => transport.open(loopback, { address: "127.0.0.1", port })),
  );
  const open = new Set(channels);
  const close = (channel: Channel): void => {
    if (open.delete(channel)) channel.close();
  };
  onTestFinished(() => {
    channels.forEach(close);
    transport.close();
    expect(ledger.open).toEqual([]);
  });
  return { channels, clients, close };
}

async function openTransport(kind: (typeof kinds)[number], ledger: DescriptorLedger): Promise<Transport> {
  const needs = { ledger, mustNotSleep: () => true };
  if (kind !== "native without io_uring") return await chooseTransport(kind, needs, () => {});
  return new NativeTransport({ ...(await loadLibc()), ringSetup: forbidden }, ledger, needs.mustNotSleep);
}

function forbidden(): never {
  throw new Error("forbidden");
}

function receive(channel: Channel, onText: (text: string) => void): void {
  channel.attach({
    onDatagram: (bytes, length) => onText(Buffer.from(bytes.subarray(0, length)).toString()),
    onWritable: () => {},
    onError: () => {},
  });
}

function answer(channel: Channel, text: string): void {
  channel.send(Buffer.from(text), 0, text.length, text.length);
}

/** The clients learn the channels' ports. */
async function hello(channels: readonly Channel[], clients: readonly RawClient[]): Promise<void> {
  for (const channel of channels) answer(channel, "hello");
  for (const client of clients) client.peer = (await client.receive()).from;
}
