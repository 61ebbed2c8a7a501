import { constants } from "node:os";
import { describe, expect, test } from "vitest";
import type { BatchSender } from "../../../../../src/worker/transport/linux/batches/send-batch.ts";
import { Sender } from "../../../../../src/worker/transport/linux/sockets/sender.ts";

const { EAGAIN, ECONNREFUSED, EINVAL, EMSGSIZE, ENOBUFS, EPERM } = constants.errno;
const packets = new Uint8Array(1_000);
const others = new Uint8Array(1_000);

describe("a packet for the sendBatch", () => {
  test("a packet is enqueued while the send batch is open, and sent at once while it is not", () => {
    const fixture = makeSender();
    fixture.sender.send(packets, 0, 100, 100);
    fixture.sendBatch.isOpen = true;
    expect(fixture.sender.send(packets, 100, 100, 100)).toBe(100);
    fixture.sendBatch.isOpen = false;
    fixture.sender.send(packets, 300, 100, 100);
    expect(fixture.calls).toEqual(["send 0+100", "enqueue 100+100", "flush", "send 300+100"]);
  });

  test("a window is sent at once, also while the send batch is open", () => {
    const fixture = makeSender();
    fixture.sendBatch.isOpen = true;
    fixture.sender.send(packets, 0, 250, 100);
    expect(fixture.calls).toEqual(["cut 100", "send 0+250"]);
  });

  test("an enqueued packet is not overtaken by the next one, nor by a window, nor by a disconnect", () => {
    for (const next of [
      (sender: Sender) => void sender.send(packets, 100, 100, 100),
      (sender: Sender) => void sender.send(packets, 100, 300, 100),
      (sender: Sender) => sender.reset(),
    ]) {
      const fixture = makeSender();
      fixture.sendBatch.isOpen = true;
      fixture.sender.send(packets, 0, 100, 100);
      next(fixture.sender);
      expect(fixture.calls.slice(0, 2)).toEqual(["enqueue 0+100", "flush"]);
    }
  });

  test("an enqueued packet is flushed by its own sender only", () => {
    const fixture = makeSender();
    fixture.sendBatch.isOpen = true;
    fixture.sender.send(packets, 0, 100, 100);
    fixture.sendBatch.flush();
    fixture.sender.settle();
    expect(fixture.calls).toEqual(["enqueue 0+100", "flush"]);
  });

  test("an enqueued packet that found the socket full is sent again once it is not", () => {
    const fixture = enqueuedInVain(EAGAIN);
    fixture.results.push(-EAGAIN);
    expect(fixture.sender.resend()).toBe(false);
    expect(fixture.sender.resend()).toBe(true);
    expect(fixture.sender.resend()).toBe(true);
    expect(fixture.calls).toEqual(["enqueue 0+100", "flush", "full", "send 0+100", "full", "send 0+100"]);
  });

  test("an enqueued packet that found the socket full is forgotten when something newer is sent", () => {
    const fixture = enqueuedInVain(EAGAIN);
    fixture.sendBatch.isOpen = false;
    fixture.sender.send(others, 0, 50, 50);
    expect(fixture.sender.resend()).toBe(true);
    expect(fixture.calls.slice(-2)).toEqual(["full", "send 0+50"]);
  });

  test("an enqueued packet that finds the socket full at the end is lost, and one that did so before is not wanted", () => {
    for (const isBefore of [false, true]) {
      const fixture = makeSender();
      fixture.sendBatch.isOpen = true;
      fixture.sender.send(packets, 0, 100, 100);
      fixture.sendBatch.flush = () => {
        fixture.sendBatch.round++;
        fixture.sender.onUnsent(EAGAIN);
      };
      if (isBefore) fixture.sendBatch.flush();
      fixture.sender.reset();
      expect(fixture.calls.filter((call) => call.startsWith("lost"))).toEqual(isBefore ? [] : [`lost ${ENOBUFS}`]);
    }
  });

  test("an enqueued packet whose error is an earlier one's is sent all the same, and the error reported", () => {
    const fixture = enqueuedInVain(ECONNREFUSED);
    expect(fixture.calls.slice(-2)).toEqual(["send 0+100", `lost ${ECONNREFUSED}`]);
  });

  test("an enqueued packet that fails twice is lost, which is reported once", () => {
    const fixture = makeSender();
    fixture.results.push(-EPERM);
    enqueueInVain(fixture, EPERM);
    expect(fixture.sender.resend()).toBe(true);
    expect(fixture.calls.slice(2)).toEqual(["send 0+100", `lost ${EPERM}`]);
  });

  test("an enqueued packet that is refused since the socket cuts is sent uncut", () => {
    const fixture = makeSender();
    fixture.sender.send(packets, 0, 250, 100);
    enqueueInVain(fixture, EINVAL);
    expect(fixture.calls.slice(-2)).toEqual(["cut 0", "send 0+100"]);
  });
});

describe("a window that is sent at once", () => {
  test("a window goes out packet by packet, now and later, if the kernel does not cut it", () => {
    const fixture = makeSender();
    fixture.results.push(-EINVAL);
    expect(fixture.sender.send(packets, 0, 250, 100)).toBe(250);
    fixture.sender.send(packets, 300, 200, 100);
    expect(fixture.calls).toEqual([
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

  test("a window's last packet that the kernel does not cut any more is sent uncut", () => {
    const fixture = makeSender();
    fixture.sender.send(packets, 0, 250, 100);
    fixture.results.push(-EMSGSIZE);
    expect(fixture.sender.send(packets, 0, 100, 100)).toBe(100);
    expect(fixture.calls.slice(2)).toEqual(["send 0+100", "cut 0", "send 0+100"]);
  });

  test.each([EPERM, EINVAL, EMSGSIZE, ENOBUFS])("a window is lost with errno %i: all of it counts as sent", (errno) => {
    const fixture = makeSender();
    fixture.results.push(-errno, -errno, -errno, -errno);
    expect(fixture.sender.send(packets, 0, 250, 100)).toBe(250);
    expect(fixture.calls.slice(-1)).toEqual([`lost ${errno}`]);
    expect(fixture.calls).not.toContain("refused 100");
  });

  test("a window is sent whole if the error was an ICMP error for an earlier datagram", () => {
    const fixture = makeSender();
    fixture.results.push(-ECONNREFUSED);
    expect(fixture.sender.send(packets, 0, 250, 100)).toBe(250);
    expect(fixture.calls).toEqual(["cut 100", "send 0+250", "send 0+250", `lost ${ECONNREFUSED}`]);
  });

  test("a window goes out packet by packet at once on a way that is known not to take it whole", () => {
    const fixture = makeSender();
    fixture.sender.refusedFrom = 100;
    fixture.sender.send(packets, 0, 150, 100);
    expect(fixture.calls).toEqual(["send 0+100", "send 100+50"]);
  });

  test("a window's send returns how much of it was taken if the socket is full", () => {
    const fixture = makeSender();
    fixture.results.push(-EINVAL, 100, -EAGAIN);
    expect(fixture.sender.send(packets, 0, 250, 100)).toBe(100);
    expect(fixture.calls.slice(-1)).toEqual(["full"]);
  });
});

/** A sender whose first packet was enqueued, and has come back with that errno. */
function enqueuedInVain(errno: number) {
  const fixture = makeSender();
  enqueueInVain(fixture, errno);
  return fixture;
}

function enqueueInVain(fixture: ReturnType<typeof makeSender>, errno: number): void {
  fixture.sendBatch.isOpen = true;
  fixture.sender.send(packets, 0, 100, 100);
  fixture.sendBatch.flush();
  fixture.sender.onUnsent(errno);
}

/** A sender whose calls are noted; `results` are what the next system calls return instead of success. */
function makeSender() {
  const calls: string[] = [];
  const results: number[] = [];
  // Addresses that show the offset only: `packets` lies at 0, and so does everything else.
  const send = (_descriptor: number, address: number, length: number): number => {
    calls.push(`send ${address}+${length}`);
    return results.shift() ?? length;
  };
  const setOption = (_descriptor: number, _level: number, _option: number, value: Int32Array | BigInt64Array): void =>
    void calls.push(`cut ${value[0]}`);
  const sendBatch = {
    isOpen: false,
    round: 0,
    enqueue: (_sender: BatchSender, _descriptor: number, address: number, length: number) =>
      void calls.push(`enqueue ${address}+${length}`),
    flush: () => {
      calls.push("flush");
      sendBatch.round++;
    },
  };
  const sender = new Sender({
    libc: { send, addressOf: () => 0, setOption },
    descriptor: 7,
    sendBatch,
    onFull: () => void calls.push("full"),
    onLost: (errno) => void calls.push(`lost ${errno}`),
    onRefusedSegment: (segment) => void calls.push(`refused ${segment}`),
  });
  return { sender, sendBatch, calls, results };
}
