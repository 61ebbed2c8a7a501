import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import type { BatchSender } from "../../../../src/worker/transport/linux/send-batch.ts";
import { Segmentation } from "../../../../src/worker/transport/linux/segmentation.ts";
import { Sender } from "../../../../src/worker/transport/linux/sender.ts";

const { EAGAIN, ECONNREFUSED, EINVAL } = constants.errno;
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
    expect(handler.told).toEqual([
      "post 0+100",
      "flush",
      `failed ${EAGAIN}`,
      "send 0+100",
      `failed ${EAGAIN}`,
      "send 0+100",
    ]);
  });

  test("that found the socket full is forgotten when something newer is sent", () => {
    const handler = postedInVain(EAGAIN);
    handler.sendBatch.isOpen = false;
    handler.sender.send(others, 0, 50, 50);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.told.slice(-2)).toEqual([`failed ${EAGAIN}`, "send 0+50"]);
  });

  test("that failed for good is not sent again", () => {
    const handler = postedInVain(ECONNREFUSED);
    expect(handler.sender.resend()).toBe(true);
    expect(handler.told.slice(-1)).toEqual([`failed ${ECONNREFUSED}`]);
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
      "send 0+100",
      "send 100+100",
      "send 200+50",
      "send 300+100",
      "send 400+100",
    ]);
  });

  test("tells how much of it was taken where the socket is full", () => {
    const handler = desktop();
    handler.results.push(-EINVAL, 100, -EAGAIN);
    expect(handler.sender.send(packets, 0, 250, 100)).toBe(100);
    expect(handler.told.slice(-1)).toEqual([`failed ${EAGAIN}`]);
  });
});

/** The desktop of a sender whose first packet was enqueued, and has come back with that errno. */
function postedInVain(errno: number) {
  const handler = desktop();
  handler.sendBatch.isOpen = true;
  handler.sender.send(packets, 0, 100, 100);
  handler.sendBatch.flush();
  handler.sender.onUnsent(errno);
  return handler;
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
    libc: { send, addressOf: () => 0 },
    descriptor: 7,
    segmentation: new Segmentation({ setOption }),
    sendBatch,
    failed: (errno) => void told.push(`failed ${errno}`),
  });
  return { sender, sendBatch, told, results };
}
