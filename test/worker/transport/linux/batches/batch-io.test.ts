import { constants } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { DescriptorLedger } from "../../../../../src/worker/transport/linux/system/descriptor-ledger.ts";
import { AF_INET } from "../../../../../src/worker/transport/linux/system/abi.ts";
import { loadLibc, systemError } from "../../../../../src/worker/transport/linux/system/libc.ts";
import { closeBatchIo, openBatchIo } from "../../../../../src/worker/transport/linux/batches/batch-io.ts";
import {
  decodeAddress,
  encodeAddress,
  SOCKADDR_MAX,
} from "../../../../../src/worker/transport/linux/system/socket-address.ts";
import { RawClient } from "../../../../helpers/raw-client.ts";
import { describeWithRings } from "../../../../helpers/rings.ts";

const { EAGAIN, EBADF, EDESTADDRREQ, ENOSYS } = constants.errno;
const loopback = { address: "127.0.0.1", port: 0 };
const CAPACITY = 4;

describeWithRings("datagrams in one system call", () => {
  test("the datagrams that many sockets enqueue arrive whole, each from its own socket", async () => {
    const { enqueue, sendBatch, clients } = await connected(3);
    clients.forEach((_, index) => enqueue(index, `for ${index}`));
    sendBatch.flush();
    for (const [index, client] of clients.entries()) {
      expect((await client.receive()).bytes.toString()).toBe(`for ${index}`);
    }
  });

  test("no enqueued datagram leaves before the flush", async () => {
    const { enqueue, sendBatch, clients } = await connected(1);
    enqueue(0, "later");
    await clients[0]?.expectNothing();
    sendBatch.flush();
    expect((await clients[0]?.receive())?.bytes.toString()).toBe("later");
  });

  test("a send batch that is full flushes itself", async () => {
    const { enqueue, clients } = await connected(CAPACITY + 1);
    clients.forEach((_, index) => enqueue(index, `for ${index}`));
    for (const client of clients.slice(0, CAPACITY)) await client.receive();
    await clients[CAPACITY]?.expectNothing();
  });

  test("a datagram that cannot be sent comes back to its sender, and the others' leave", async () => {
    const { libc, enqueue, sendBatch, clients } = await connected(2);
    const told: number[] = [];
    const nothing = new ArrayBuffer(1);
    const unconnected = libc.socket(AF_INET);
    onTestFinished(() => libc.close(unconnected));
    enqueue(0, "before");
    sendBatch.enqueue({ onUnsent: (errno) => void told.push(errno) }, unconnected, libc.addressOf(nothing), 1);
    enqueue(1, "after");
    sendBatch.flush();
    expect(told).toEqual([EDESTADDRREQ]);
    expect((await clients[0]?.receive())?.bytes.toString()).toBe("before");
    expect((await clients[1]?.receive())?.bytes.toString()).toBe("after");
  });

  test("a sender whose datagram failed may enqueue again at once", async () => {
    const { libc, enqueue, sendBatch, clients } = await connected(1);
    const nothing = new ArrayBuffer(1);
    sendBatch.enqueue({ onUnsent: () => enqueue(0, "instead") }, -1, libc.addressOf(nothing), 1);
    sendBatch.flush();
    sendBatch.flush();
    expect((await clients[0]?.receive())?.bytes.toString()).toBe("instead");
  });

  test("many sockets' datagrams are received at once, and each by its own recipient", async () => {
    const { descriptors, receiveBatch, arrive } = await connected(3);
    for (const index of descriptors.keys()) await arrive(index, `from ${index}`);
    const got: [index: number, text: string, now: number][] = [];
    descriptors.forEach((descriptor, index) =>
      receiveBatch.expect(descriptor, {
        onReceived: (bytes, length, now) =>
          void got.push([index, Buffer.from(bytes.subarray(0, length)).toString(), now]),
      }),
    );
    receiveBatch.take(17);
    expect(got).toEqual(descriptors.map((_, index) => [index, `from ${index}`, 17]));
  });

  test("a datagram that the kernel has no memory for comes back as EAGAIN, and all others leave", async () => {
    const shortage = { of: 0 };
    const { descriptors, libc, sendBatch, enqueue, clients } = await connected(2, shortage);
    const told: number[] = [];
    const nothing = new ArrayBuffer(1);
    enqueue(0, "first");
    sendBatch.enqueue({ onUnsent: (errno) => void told.push(errno) }, descriptors[1] ?? -1, libc.addressOf(nothing), 1);
    shortage.of = 1;
    sendBatch.flush();
    expect(told).toEqual([EAGAIN]);
    shortage.of = 0;
    enqueue(1, "second");
    sendBatch.flush();
    expect((await clients[0]?.receive())?.bytes.toString()).toBe("first");
    expect((await clients[1]?.receive())?.bytes.toString()).toBe("second");
  });

  test("datagrams that the kernel had no memory to receive are received later", async () => {
    const shortage = { of: 0 };
    const { descriptors, receiveBatch, arrive } = await connected(2, shortage);
    for (const index of descriptors.keys()) await arrive(index, `from ${index}`);
    const got: string[] = [];
    const onReceived = (bytes: Uint8Array, length: number): void =>
      void got.push(Buffer.from(bytes.subarray(0, length)).toString());
    shortage.of = 1;
    for (const descriptor of descriptors) receiveBatch.expect(descriptor, { onReceived });
    receiveBatch.take(0);
    expect(got).toEqual(["from 0"]);
    shortage.of = 0;
    for (const descriptor of descriptors.slice(1)) receiveBatch.expect(descriptor, { onReceived });
    receiveBatch.take(0);
    expect(got).toEqual(["from 0", "from 1"]);
  });

  test("in a batch a socket that cannot be received from fails alone", async () => {
    const { descriptors, receiveBatch, arrive } = await connected(1);
    await arrive(0, "fine");
    const lengths: number[] = [];
    const recipient = { onReceived: (_: Uint8Array, length: number) => void lengths.push(length) };
    receiveBatch.expect(-1, recipient);
    for (const descriptor of descriptors) receiveBatch.expect(descriptor, recipient);
    receiveBatch.take(0);
    expect(lengths).toEqual([-EBADF, "fine".length]);
  });

  test("the ring's queues go round many times", async () => {
    const { descriptors, receiveBatch, sendBatch, enqueue, clients, arrive } = await connected(1);
    for (let round = 0; round < 10 * CAPACITY; round++) {
      enqueue(0, `${round}`);
      sendBatch.flush();
      expect((await clients[0]?.receive())?.bytes.toString()).toBe(`${round}`);
      await arrive(0, "a".repeat(round));
      const lengths: number[] = [];
      for (const descriptor of descriptors) {
        receiveBatch.expect(descriptor, { onReceived: (_, length) => void lengths.push(length) });
      }
      receiveBatch.take(0);
      expect(lengths).toEqual([round]);
    }
  });

  test("io_uring that the kernel forbids leaves nothing open", async () => {
    const ledger = new DescriptorLedger();
    const libc = await loadLibc();
    expect(() => openBatchIo({ ...libc, ringSetup: refuse }, ledger, CAPACITY)).toThrow("io_uring_setup ENOSYS");
    let granted = 0;
    const grantOne = (entries: number, parameters: Uint8Array): number =>
      granted++ === 0 ? libc.ringSetup(entries, parameters) : refuse();
    expect(() => openBatchIo({ ...libc, ringSetup: grantOne }, ledger, CAPACITY)).toThrow("io_uring_setup ENOSYS");
    expect(ledger.open).toEqual([]);
  });

  test("io_uring is not used if a ring does not do what is asked of it", async () => {
    const ledger = new DescriptorLedger();
    const libc = await loadLibc();
    expect(() => openBatchIo({ ...libc, ringEnter: (_, entries) => entries }, ledger, CAPACITY)).toThrow("io_uring");
    expect(ledger.open).toEqual([]);
  });
});

function refuse(): never {
  throw systemError(ENOSYS, "io_uring_setup");
}

/**
 * Sockets that are connected to a client each, and batchIo for them; all closed with the test. `shortage`: so many of
 * the entries that are handed over the kernel does not take.
 */
async function connected(count: number, shortage: { of: number } = { of: 0 }) {
  const real = await loadLibc();
  const libc = { ...real, ringEnter: (ring: number, entries: number) => real.ringEnter(ring, entries - shortage.of) };
  const ledger = new DescriptorLedger();
  const batchIo = openBatchIo(libc, ledger, CAPACITY);
  onTestFinished(() => {
    closeBatchIo(batchIo);
    expect(ledger.open).toEqual([]);
  });
  const clients = await Promise.all(Array.from({ length: count }, () => RawClient.open(loopback)));
  const descriptors = clients.map(({ port }) => {
    const descriptor = libc.socket(AF_INET);
    onTestFinished(() => libc.close(descriptor));
    libc.bind(descriptor, encodeAddress(loopback));
    libc.connect(descriptor, encodeAddress({ ...loopback, port }));
    return descriptor;
  });
  const kept: ArrayBuffer[] = [];
  const enqueue = (index: number, text: string): void => {
    const bytes = Uint8Array.from(Buffer.from(text)).buffer;
    kept.push(bytes);
    const sender = { onUnsent: (errno: number) => expect.unreachable(`errno ${errno}`) };
    batchIo.sendBatch.enqueue(sender, descriptors[index] ?? -1, libc.addressOf(bytes), text.length);
  };
  /** The client sends it to its socket, where it waits. */
  const arrive = async (index: number, text: string): Promise<void> => {
    const address = new Uint8Array(SOCKADDR_MAX);
    libc.getsockname(descriptors[index] ?? -1, address);
    await clients[index]?.send(Buffer.from(text), decodeAddress(address));
  };
  return { libc, ...batchIo, clients, descriptors, enqueue, arrive };
}
