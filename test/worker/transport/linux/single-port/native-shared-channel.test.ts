import { constants } from "node:os";
import { expect, test } from "vitest";
import type { Libc } from "../../../../../src/worker/transport/linux/system/libc.ts";
import { EnvelopePool } from "../../../../../src/worker/transport/linux/single-port/envelope-pool.ts";
import { NativeSharedChannel } from "../../../../../src/worker/transport/linux/single-port/native-shared-channel.ts";
import { OutgoingBatch } from "../../../../../src/worker/transport/linux/batches/outgoing-batch.ts";
import { PathMemory } from "../../../../../src/worker/transport/linux/sockets/path-memory.ts";

const { EAGAIN, EINVAL, EPERM } = constants.errno;
const MMSGHDR = 64;
const bytes = new Uint8Array(1_000);

/** Memory as the kernel sees it: buffers by their addresses. */
class Kernel {
  readonly calls: string[] = [];
  /** What the next calls return; they succeed without. */
  readonly results: number[] = [];
  /** How full the send buffer is. */
  use = 0;
  readonly #buffers: ArrayBufferLike[] = [];

  readonly addressOf = (buffer: ArrayBufferLike): number => {
    if (!this.#buffers.includes(buffer)) this.#buffers.push(buffer);
    return (this.#buffers.indexOf(buffer) + 1) * 2 ** 33;
  };

  readonly sendBufferUse = (): number => this.use;

  readonly sendMessages = (_descriptor: number, headers: number, count: number): number => {
    const all = Array.from({ length: count }, (_, index) =>
      this.#describe(this.#at(BigInt(headers + index * MMSGHDR))),
    );
    this.calls.push(all.join(" "));
    return this.results.shift() ?? count;
  };

  /** `offset+length`, and the segment size if the kernel is to cut. */
  #describe(fields: DataView): string {
    const [vector, control] = [this.#at(fields.getBigUint64(16, true)), this.#at(fields.getBigUint64(32, true))];
    const offset = Number(vector.getBigUint64(0, true) % 2n ** 33n);
    const isCut = fields.getUint32(40, true) > 0;
    return `${offset}+${vector.getUint32(8, true)}${isCut ? `/${control.getUint16(16, true)}` : ""}`;
  }

  #at(address: bigint): DataView {
    const buffer = this.#buffers[Number(address / 2n ** 33n) - 1];
    if (!buffer) throw new Error("no such memory");
    return new DataView(buffer, Number(address % 2n ** 33n));
  }
}

function open(paths = new PathMemory()) {
  const kernel = new Kernel();
  const libc = kernel as unknown as Libc;
  const batch = new OutgoingBatch(libc, 7, 2);
  const heard: string[] = [];
  const dependencies = {
    libc,
    envelopes: new EnvelopePool(libc),
    descriptor: 7,
    batch,
    paths,
    mtuOf: async () => 1_500,
    onAttached: () => {},
    onFull: () => void heard.push("full"),
    onClosed: () => {},
    connect: () => undefined,
    onRequest: () => {},
  };
  const channel = (port = 2_000): NativeSharedChannel => {
    const opened = new NativeSharedChannel(
      {
        local: { address: "192.0.2.1", port: 69 },
        client: { address: "192.0.2.7", port },
        to: "192.0.2.7",
        source: undefined,
      },
      dependencies,
    );
    opened.attach({
      onDatagram: () => {},
      onWritable: () => void heard.push("writable"),
      onError: ({ code }) => void heard.push(`${code}`),
    });
    return opened;
  };
  return { kernel, batch, heard, channel, paths };
}

test("a window leaves as one message that the kernel cuts, and a single packet uncut", () => {
  const { kernel, channel } = open();
  const one = channel();
  expect(one.send(bytes, 0, 250, 100)).toBe(250);
  expect(one.send(bytes, 300, 100, 100)).toBe(100);
  expect(kernel.calls).toEqual(["0+250/100", "300+100"]);
});

test("what transfers send while datagrams are handed out leaves in one call; a second send of one goes after its first", () => {
  const { kernel, batch, channel } = open();
  const [one, other] = [channel(), channel(2_001)];
  batch.isOpen = true;
  one.send(bytes, 0, 100, 100);
  other.send(bytes, 100, 200, 100);
  other.send(bytes, 300, 50, 100);
  batch.flush();
  expect(kernel.calls).toEqual(["0+100 100+200/100", "300+50"]);
});

test("more than a call takes goes out in several", () => {
  const { kernel, batch, channel } = open();
  batch.isOpen = true;
  for (const port of [1, 2, 3]) channel(port).send(bytes, port, 50, 100);
  batch.flush();
  expect(kernel.calls).toEqual(["1+50 2+50", "3+50"]);
});

test("a message that the system refuses is lost, and reported; those behind it leave", async () => {
  const { kernel, batch, heard, channel } = open();
  kernel.results.push(-EPERM);
  batch.isOpen = true;
  channel(1).send(bytes, 0, 50, 100);
  channel(2).send(bytes, 100, 50, 100);
  batch.flush();
  expect(kernel.calls).toEqual(["0+50 100+50", "100+50"]);
  await Promise.resolve();
  expect(heard).toEqual(["EPERM"]);
});

test("what a full socket did not take is sent when there is room, and then the next may be", () => {
  const { kernel, batch, heard, channel } = open();
  kernel.results.push(1, -EAGAIN);
  batch.isOpen = true;
  channel(1).send(bytes, 0, 50, 100);
  const unsent = channel(2);
  unsent.send(bytes, 100, 200, 100);
  batch.flush();
  expect(heard).toEqual(["full"]);
  kernel.results.push(-EAGAIN);
  unsent.resend();
  expect(heard).toEqual(["full", "full"]);
  unsent.resend();
  expect(heard).toEqual(["full", "full", "writable"]);
  expect(kernel.calls.slice(-2)).toEqual(["100+200/100", "100+200/100"]);
});

test.each([true, false])(
  "a window that the kernel does not cut goes out packet by packet (in a batch: %s)",
  (isOpen) => {
    const { kernel, batch, heard, channel, paths } = open();
    kernel.results.push(-EINVAL);
    batch.isOpen = isOpen;
    const one = channel();
    expect(one.send(bytes, 0, 250, 100)).toBe(250);
    batch.flush();
    expect(kernel.calls.slice(1)).toEqual(["0+100", "100+100", "200+50"]);
    expect(heard).toEqual([]);
    expect(paths.limitsOf("192.0.2.7").refusedFrom).toBe(100);
    one.send(bytes, 0, 200, 100);
    expect(kernel.calls.slice(4)).toEqual(["0+100", "100+100"]);
  },
);

test("a route that refuses everything is not mistaken for a kernel that does not cut", async () => {
  const { kernel, heard, channel, paths } = open();
  kernel.results.push(-EINVAL, -EINVAL, -EINVAL, -EINVAL);
  expect(channel().send(bytes, 0, 250, 100)).toBe(250);
  await Promise.resolve();
  expect(heard).toEqual(["EINVAL"]);
  expect(paths.size).toBe(0);
});

test("a channel that is closed has sent all that it was given", () => {
  const { kernel, batch, channel } = open();
  batch.isOpen = true;
  const one = channel();
  one.send(bytes, 0, 50, 50);
  one.close();
  expect(kernel.calls).toEqual(["0+50"]);
});

test("what a full socket does not take of a channel that is closed is lost, and reported", async () => {
  const { kernel, batch, heard, channel } = open();
  batch.isOpen = true;
  const [one, two] = [channel(1), channel(2)];
  kernel.results.push(-EAGAIN);
  one.send(bytes, 0, 50, 50);
  one.close();
  // What was left earlier is not wanted any more.
  kernel.results.push(-EAGAIN);
  two.send(bytes, 0, 50, 50);
  batch.flush();
  two.close();
  await Promise.resolve();
  expect(heard).toEqual(["full", "full", "ENOBUFS"]);
});

test("of a send buffer that is half full the rest is for clients that were heard of since their request", async () => {
  const { kernel, heard, channel } = open();
  kernel.use = 0.6;
  const [running, forged] = [channel(1), channel(2)];
  running.onDatagram(bytes, 4, 0);
  expect(forged.send(bytes, 0, 100, 100)).toBe(100);
  expect(running.send(bytes, 100, 100, 100)).toBe(100);
  expect(kernel.calls).toEqual(["100+100"]);
  await Promise.resolve();
  expect(heard).toEqual(["ENOBUFS"]);
  kernel.use = 0.5;
  forged.send(bytes, 0, 100, 100);
  expect(kernel.calls).toEqual(["100+100", "0+100"]);
});

test("a channel that is closed sends nothing that was left", () => {
  const { kernel, batch, channel } = open();
  const one = channel();
  batch.isOpen = true;
  kernel.results.push(-EAGAIN);
  one.send(bytes, 0, 100, 100);
  one.close();
  one.resend();
  expect(kernel.calls).toEqual(["0+100"]);
});
