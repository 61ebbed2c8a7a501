import { createSocket, Socket } from "node:dgram";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { DgramTransport } from "../../../src/worker/transport/dgram/dgram.ts";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { loadLibc } from "../../../src/worker/transport/linux/system/libc.ts";
import { NativeTransport } from "../../../src/worker/transport/linux/native.ts";
import type { Transport } from "../../../src/worker/transport/transport.ts";
import { freeRange } from "../../helpers/free-range.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { describeOnEachTransport, type TransportName } from "../../helpers/raw-transports.ts";

const address = "127.0.0.1";
const hello = Buffer.from("hello");

describeOnEachTransport("a transfer's socket before it is connected", (transport) => {
  test("what a stranger sends to a port between its bind and its connect reaches no transfer", async () => {
    const { from: port } = await freeRange(address, 1);
    const stranger = await connectedTo({ address, port });
    const sockets = await whileConnecting(transport, () => stranger.send("forged"));
    const client = await RawClient.open({ address, port: 0 });
    const channel = await sockets.open({ address, port }, { address, port: client.port });
    const received: string[] = [];
    channel.attach({
      onDatagram: (bytes, length) => void received.push(Buffer.from(bytes.subarray(0, length)).toString()),
      onWritable: () => {},
      onError: () => {},
    });
    channel.send(hello, 0, hello.length, hello.length);
    await client.receive();
    await client.send(Buffer.from("mine"), { address, port });
    await expect.poll(() => received).toContain("mine");
    expect(received).toEqual(["mine"]);
    channel.close();
  });

  test("an ICMP error that comes before the transfer has begun ends nothing", async () => {
    const sockets = await whileConnecting(transport, () => {});
    const { from: closed } = await freeRange(address, 1);
    const channel = await sockets.open({ address, port: 0 }, { address, port: closed });
    channel.send(hello, 0, hello.length, hello.length);
    // On loopback the error is there at once, and the event loop finds it: without a listener it would end the thread.
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    const heard: (string | undefined)[] = [];
    channel.attach({ onDatagram: () => {}, onWritable: () => {}, onError: ({ code }) => void heard.push(code) });
    channel.send(hello, 0, hello.length, hello.length);
    await expect.poll(() => heard).toContain("ECONNREFUSED");
    channel.close();
  });
});

async function connectedTo({ address: host, port }: Endpoint): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.connect(port, host);
  await once(socket, "connect");
  // Nobody is there yet.
  socket.on("error", () => {});
  onTestFinished(() => void socket.close());
  return socket;
}

/** A transport that calls `onConnect` each time when a socket is bound, and about to be connected. */
async function whileConnecting(transport: TransportName, onConnect: () => void): Promise<Transport> {
  const sockets = transport === "dgram" ? hookedDgram(onConnect) : await hookedNative(onConnect);
  onTestFinished(() => sockets.close());
  return sockets;
}

function hookedDgram(onConnect: () => void): Transport {
  const connect: unknown = Reflect.get(Socket.prototype, "connect");
  vi.spyOn(Socket.prototype, "connect").mockImplementation(function hook(this: Socket, ...args) {
    onConnect();
    Reflect.apply(connect as (...all: unknown[]) => void, this, args);
  });
  return new DgramTransport();
}

async function hookedNative(onConnect: () => void): Promise<Transport> {
  const libc = await loadLibc();
  const hooked: typeof libc = {
    ...libc,
    connect: (descriptor, to) => {
      onConnect();
      libc.connect(descriptor, to);
    },
  };
  return new NativeTransport(hooked, new DescriptorLedger(), () => true);
}
