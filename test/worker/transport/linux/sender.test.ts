import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import type { BatchSender } from "../../../../src/worker/transport/linux/send-batch.ts";
import { Sender } from "../../../../src/worker/transport/linux/sender.ts";

const { EAGAIN, ECONNREFUSED, EINVAL, EMSGSIZE, ENOBUFS, EPERM } = constants.errno;
const packets = new Uint8Array(1_000);
const others = new Uint8Array(1_000);

describe("a packet for the sendBatch", () => {
  test("is enqueued while the sendBatch is open, and sent at once while it is not", () => {
    const handler = desktop();
    handler.sender.send(packets, 0, 100, 100);
    handler.sendBatch.isOpen = true;
    expect(handler.sender.send(packets, 100, 100, 100)).toBe(100);
    handler.sendBatch.isOpen = false;
    handler.sender.send(packets, 300, 100, 100);
    expect(handler.told).toEqual(["send 0+100", "post 100+100", "flush", "send 300+100"]);
  });

  test("goes alone: a window is sent at once", () => {
    const handler = desktop();
    handler.sendBatch.isOpen = true;
    handler.sender.send(packets, 0, 250, 100);
    expect(handler.told).toEqual(["cut 100", "send 0+250"]);
  });

  test("is not overtaken by the next one, nor by a window, nor by a disconnect", () => {
    for (const next of [
      (sender: Sender) => void sender.send(packets, 100, 100, 100),
      (sender: Sender) => void sender.send(packets, 100, 300, 100),
      (sender: Sender) => sender.reset(),
    ]) {
      const handler = desktop();
      handler.sendBatch.isOpen = true;
      handler.sender.send(packets, 0, 100, 100);
      next(handler.sender);
      expect(handler.told.slice(0, 2)).toEqual(["post 0+100", "flush"]);
    }
  });

  test("is flushed by none but the one who enqueued it", () => {
    const handler = desktop();
    handler.sendBatch.isOpen = true;
    handler.sender.send(packets, 0, 100, 100);
    handler.sendBatch.flush();
    handler.sender.settle();
    expect(handler.told).toEqual(["post 0+100", "flush"]);
  });

  test("that found the socket full is sent again once it is not", () => {
    const handler = postedInVain(EAGAIN);
    handler.results.push(-EAGAIN);
    expect(handler.sender.resend()).toBe(false);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.told).toEqual(["post 0+100", "flush", "full", "send 0+100", "full", "send 0+100"]);
  });

  test("that found the socket full is forgotten when something newer is sent", () => {
    const handler = postedInVain(EAGAIN);
    handler.sendBatch.isOpen = false;
    handler.sender.send(others, 0, 50, 50);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.told.slice(-2)).toEqual(["full", "send 0+50"]);
  });

  test("whose error is an earlier one's is sent all the same, and the error reported", () => {
    const handler = postedInVain(ECONNREFUSED);
    expect(handler.told.slice(-2)).toEqual(["send 0+100", `lost ${ECONNREFUSED}`]);
  });

  test("that fails twice is lost, which is reported once", () => {
    const handler = desktop();
    handler.results.push(-EPERM);
    enqueueInVain(handler, EPERM);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.told.slice(2)).toEqual(["send 0+100", `lost ${EPERM}`]);
  });

  test("that is refused since the socket cuts is sent by one that does not", () => {
    const handler = desktop();
    handler.sender.send(packets, 0, 250, 100);
    enqueueInVain(handler, EINVAL);
    expect(handler.told.slice(-2)).toEqual(["cut 0", "send 0+100"]);
  });
});

describe("a window that is sent at once", () => {
  test("goes out packet by packet, now and later, where the kernel does not cut it", () => {
    const handler = desktop();
    handler.results.push(-EINVAL);
    expect(handler.sender.send(packets, 0, 250, 100)).toBe(250);
    handler.sender.send(packets, 300, 200, 100);
    expect(handler.told).toEqual([
      "cut 100",
      "send 0+250",
      "cut 0",
      "send 0+100",
      "refused 100",
      "send 100+100",
      "send 200+50",
      "send 300+100",
      "send 400+100",
    ]);
  });

  test("is sent by a socket that does not cut any more, if the kernel no longer cuts its last packet", () => {
    const handler = desktop();
    handler.sender.send(packets, 0, 250, 100);
    handler.results.push(-EMSGSIZE);
    expect(handler.sender.send(packets, 0, 100, 100)).toBe(100);
    expect(handler.told.slice(2)).toEqual(["send 0+100", "cut 0", "send 0+100"]);
  });

  test.each([EPERM, EINVAL, EMSGSIZE, ENOBUFS])("is lost with errno %i: all of it counts as sent", (errno) => {
    const handler = desktop();
    handler.results.push(-errno, -errno, -errno, -errno);
    expect(handler.sender.send(packets, 0, 250, 100)).toBe(250);
    expect(handler.told.slice(-1)).toEqual([`lost ${errno}`]);
    expect(handler.told).not.toContain("refused 100");
  });

  test("is sent whole if the error was an ICMP error for an earlier datagram", () => {
    const handler = desktop();
    handler.results.push(-ECONNREFUSED);
    expect(handler.sender.send(packets, 0, 250, 100)).toBe(250);
    expect(handler.told).toEqual(["cut 100", "send 0+250", "send 0+250", `lost ${ECONNREFUSED}`]);
  });

  test("goes out packet by packet at once on a way that is known not to take it", () => {
    const handler = desktop();
    handler.sender.refusedFrom = 100;
    handler.sender.send(packets, 0, 150, 100);
    expect(handler.told).toEqual(["send 0+100", "send 100+50"]);
  });

  test("tells how much of it was taken where the socket is full", () => {
    const handler = desktop();
    handler.results.push(-EINVAL, 100, -EAGAIN);
    expect(handler.sender.send(packets, 0, 250, 100)).toBe(100);
    expect(handler.told.slice(-1)).toEqual(["full"]);
  });
});

/** The desktop of a sender whose first packet was enqueued, and has come back with that errno. */
function postedInVain(errno: number) {
  const handler = desktop();
  enqueueInVain(handler, errno);
  return handler;
}

function enqueueInVain(handler: ReturnType<typeof desktop>, errno: number): void {
  handler.sendBatch.isOpen = true;
  handler.sender.send(packets, 0, 100, 100);
  handler.sendBatch.flush();
  handler.sender.onUnsent(errno);
}

/** A sender whose calls are noted; `results` are what the next system calls return instead of success. */
function desktop() {
  const told: string[] = [];
  const results: number[] = [];
  // Addresses that tell nothing but the offset: `packets` lies at 0, and so does everything else.
  const send = (_descriptor: number, address: number, length: number): number => {
    told.push(`send ${address}+${length}`);
    return results.shift() ?? length;
  };
  const setOption = (_descriptor: number, _level: number, _option: number, value: Int32Array | BigInt64Array): void =>
    void told.push(`cut ${value[0]}`);
  const sendBatch = {
    isOpen: false,
    round: 0,
    enqueue: (_poster: BatchSender, _descriptor: number, address: number, length: number) =>
      void told.push(`post ${address}+${length}`),
    flush: () => {
      told.push("flush");
      sendBatch.round++;
    },
  };
  const sender = new Sender({
    libc: { send, addressOf: () => 0, setOption },
    descriptor: 7,
    sendBatch,
    onFull: () => void told.push("full"),
    onLost: (errno) => void told.push(`lost ${errno}`),
    onRefusedSegment: (segment) => void told.push(`refused ${segment}`),
  });
  return { sender, sendBatch, told, results };
}
