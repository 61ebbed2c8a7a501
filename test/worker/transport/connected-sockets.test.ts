import { createSocket, Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Endpoint } from "../../../src/contract/endpoint.ts";
import { chooseTransport } from "../../../src/worker/transport/choose.ts";
import { DescriptorLedger } from "../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { NativeSockets } from "../../../src/worker/transport/linux/sockets/native-sockets.ts";
import type { Channel } from "../../../src/worker/transport/transport.ts";
import { expectFree } from "../../helpers/expect-free.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { ack, request } from "../../helpers/raw-packets.ts";
import { describeOnEachTransport, type TransportName, transports } from "../../helpers/raw-transports.ts";

const address = "127.0.0.1";
const hello = Buffer.from("hello");
/** More than the socket's buffer takes. */
const FLOOD = 40_000;
/** From then on a socket of its own pays for itself. */
const WORTHWHILE = 16;
const isLinux = process.platform === "linux";

describeOnEachTransport("sockets of single transfers on the well-known port", (transport) => {
  test.runIf(isLinux)("the ACKs of a long transfer do not wait behind a flood of requests", async () => {
    const { transfer, port, requests } = await singlePort(transport);
    const running = await transfer();
    await running.becomeLong();
    const flooder = await boundSocket();
    // In one turn of the event loop: nothing is read meanwhile, and the kernel drops what its buffer does not take.
    for (let count = 0; count < FLOOD; count++) flooder.send(request("flood"), port, address);
    await running.client.send(ack(2));
    await expect.poll(() => running.received).toContainEqual(ack(2));
    await expect.poll(() => requests.length).toBeGreaterThan(0);
    expect(requests.length).toBeLessThan(FLOOD);
  });

  test("a request from the client port of a long transfer is a request, and its address is ours", async () => {
    const { transfer, bound, requests } = await singlePort(transport);
    const { client, becomeLong, received } = await transfer();
    await becomeLong();
    const next = request("next".repeat(300));
    await client.send(next);
    await expect.poll(() => requests).toEqual([{ bytes: next, from: client.port, local: bound }]);
    expect(received).toEqual([ack(1)]);
  });

  test.runIf(isLinux)("what comes to the port while a transfer gets its socket there is not lost", async () => {
    const { transfer, port, requests } = await singlePort(transport);
    const other = await boundSocket();
    other.connect(port, address);
    await once(other, "connect");
    const long = await transfer();
    // Between the bind and the connect of the transfer's socket.
    const connects = transport === "native" ? NativeSockets.prototype : Socket.prototype;
    const connect = connects.connect as (this: unknown, ...args: unknown[]) => void;
    const spy = vi.spyOn(connects as { connect: typeof connect }, "connect");
    spy.mockImplementationOnce(function (this: unknown, ...args) {
      other.send(request("late"));
      connect.apply(this, args);
    });
    await long.becomeLong();
    await expect.poll(() => requests).toMatchObject([{ bytes: request("late"), from: other.address().port }]);
  });

  test.runIf(isLinux)("a long transfer hears that its client's port is closed", async () => {
    const { transfer } = await singlePort(transport);
    const { client, channel, becomeLong, errors } = await transfer();
    await becomeLong();
    client.close();
    channel.send(hello, 0, 5, 5);
    await expect.poll(() => errors).toContain("ECONNREFUSED");
  });

  test.runIf(isLinux)("a transfer that draws few datagrams, or no ACK, gets no socket of its own", async () => {
    const { transfer, port } = await singlePort(transport);
    const [short, forged, long] = [await transfer(), await transfer(), await transfer()];
    await short.hear();
    for (const [{ client, sendTimes }, count] of [
      [short, WORTHWHILE - 1],
      [forged, WORTHWHILE],
    ] as const) {
      sendTimes(count);
      for (let left = count; left > 0; left--) await client.receive();
      sendTimes(1);
      await client.receive();
    }
    await expect.poll(() => socketsOf(port)).toBe(1);
    await long.becomeLong();
    await expect.poll(() => socketsOf(port)).toBe(2);
    long.channel.close();
    await expect.poll(() => socketsOf(port)).toBe(1);
  });

  test.runIf(isLinux)("more than 128 at a time use the socket that all share", async () => {
    const { transfer, port } = await singlePort(transport);
    const all = await Promise.all(Array.from({ length: 130 }, transfer));
    for (const { becomeLong } of all) await becomeLong();
    await expect.poll(() => socketsOf(port)).toBe(129);
    const last = all.at(-1);
    await last?.client.send(ack(2));
    await expect.poll(() => last?.received).toEqual([ack(1), ack(2)]);
  });

  test("the port is free once the transfers and the listener are closed", async () => {
    const { transfer, port, close } = await singlePort(transport);
    const { channel, becomeLong } = await transfer();
    await becomeLong();
    const closing = close();
    channel.close();
    await closing;
    await expectFree(port);
  });

  test("another server on the same port is refused", async () => {
    const { transfer, port } = await singlePort(transport);
    await (await transfer()).becomeLong();
    await expect(listen(transport, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});

test.runIf(transports.includes("native"))(
  "no other program can share the port while a long transfer runs",
  async () => {
    const { transfer, port } = await singlePort("native");
    await (await transfer()).becomeLong();
    const other = createSocket({ type: "udp4", reuseAddr: true });
    onTestFinished(() => void other.close());
    other.bind(port, address);
    await expect(once(other, "listening")).rejects.toMatchObject({ code: "EADDRINUSE" });
  },
);

test("on dgram, a port that was bound for itself alone serves long transfers, too", async () => {
  const { transfer, bound } = await singlePort("dgram", { isSinglePort: false });
  const { client, channel, becomeLong, received } = await transfer();
  await becomeLong();
  channel.send(hello, 0, 5, 5);
  expect((await client.receive()).from).toEqual(bound);
  await client.send(ack(2));
  await expect.poll(() => received).toEqual([ack(1), ack(2)]);
});

/** A socket of a stranger's. */
async function boundSocket() {
  const socket = createSocket("udp4");
  onTestFinished(() => void socket.close());
  socket.bind(0, address);
  await once(socket, "listening");
  return socket;
}

/** How many sockets are bound to the port on `address`: other programs may have it on other addresses. */
function socketsOf(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/self/net/udp", "utf8").split("\n");
  const fields = lines.map((line) => line.trim().split(/\s+/));
  // By inode: while other sockets come and go the kernel lists some twice, and leaves some out.
  return new Set(fields.filter((each) => each[1] === local).map((each) => each[9])).size;
}

interface LongTransfer {
  readonly client: RawClient;
  readonly channel: Channel;
  readonly received: Buffer[];
  readonly errors: (string | undefined)[];
  /** The client acknowledges something. */
  readonly hear: () => Promise<void>;
  readonly sendTimes: (count: number) => void;
  /** It has sent enough for a socket of its own, and sends once more. */
  readonly becomeLong: () => Promise<void>;
}

interface Arrived {
  readonly bytes: Buffer;
  readonly from: number;
  readonly local: Endpoint;
}

interface ListenOptions {
  readonly port?: number;
  readonly isSinglePort?: boolean;
  readonly requests?: Arrived[];
}

async function listen(choice: TransportName, { port = 0, isSinglePort = true, requests = [] }: ListenOptions = {}) {
  const dependencies = { ledger: new DescriptorLedger(), mustNotSleep: () => true, isSinglePort };
  const transport = await chooseTransport(choice, dependencies, () => {});
  onTestFinished(() => transport.close());
  const listener = await transport.listen(
    { address, port },
    {
      onRequest: (bytes, { port: from }, local) => void requests.push({ bytes: Buffer.from(bytes), from, local }),
      onNotUnicast: () => {},
      onReplyLost: () => {},
      onError: () => {},
    },
  );
  onTestFinished(() => void listener.close());
  return listener;
}

async function singlePort(choice: TransportName, options: ListenOptions = {}) {
  const requests: Arrived[] = [];
  const listener = await listen(choice, { ...options, requests });
  const { bound } = listener;
  const transfer = async (): Promise<LongTransfer> => {
    const client = await RawClient.open(bound);
    const channel = listener.share(bound, { address, port: client.port });
    if (!channel) throw new Error("the port is bound");
    onTestFinished(() => channel.close());
    const [received, errors]: [Buffer[], (string | undefined)[]] = [[], []];
    channel.attach({
      onDatagram: (bytes, length) => void received.push(Buffer.from(bytes.subarray(0, length))),
      onWritable: () => {},
      onError: ({ code }) => void errors.push(code),
    });
    const sendTimes = (count: number): void => void channel.send(Buffer.alloc(count), 0, count, 1);
    const hear = async (): Promise<void> => {
      await client.send(ack(1));
      await expect.poll(() => received).toEqual([ack(1)]);
    };
    const becomeLong = async (): Promise<void> => {
      await hear();
      sendTimes(WORTHWHILE);
      for (let count = 0; count < WORTHWHILE; count++) await client.receive();
      channel.send(hello, 0, 5, 5);
      expect(await client.receive()).toMatchObject({ bytes: hello, from: bound });
    };
    return { client, channel, received, errors, hear, sendTimes, becomeLong };
  };
  return { transfer, requests, bound, port: bound.port, close: () => listener.close() };
}
