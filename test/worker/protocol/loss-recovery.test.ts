import { describe, expect, test } from "vitest";
import { ackPacket, bytesOf, VirtualServer } from "../../helpers/virtual-link.ts";

const options = { blksize: "8", windowsize: "8" };

/** In its first window, on a way that takes 10 ms there and back. */
function started(): VirtualServer {
  const server = new VirtualServer({ content: bytesOf(8 * 100 - 1), options });
  server.now += 10;
  server.ack(0);
  expect(server.taken()).toEqual(["OACK", ...range(1, 8)]);
  return server;
}

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

describe("after a loss was repaired", () => {
  test("after a repair, an ACK that was on its way already draws only what was not sent since", () => {
    const server = started();
    server.now += 10;
    server.ack(2);
    expect(server.taken()).toEqual(range(3, 10));
    server.now += 1;
    server.ack(5);
    expect(server.taken()).toEqual(range(11, 13));
  });

  test("after a repair, an ACK that the repeat may have drawn means another loss, which is repaired as well", () => {
    const server = started();
    server.now += 10;
    server.ack(2);
    server.taken();
    server.now += 11;
    server.ack(5);
    expect(server.taken()).toEqual(range(6, 13));
  });

  test("after a repair that took longer to send than a round trip, an ACK that had waited meanwhile draws no second one", () => {
    const server = started();
    const { transfer } = server;
    server.now += 10;
    expect(transfer.handle(ackPacket(2), 4, server.now)).toBe("send-blocks");
    server.now += 15;
    transfer.sent(10, server.now);
    server.now += 1;
    // It goes on with what was not sent yet: the blocks from 6 to 10 may have arrived.
    expect(transfer.handle(ackPacket(5), 4, server.now)).toBe("send-blocks");
    expect([transfer.next, transfer.sendEnd]).toEqual([11, 13]);
  });

  test("the echo of blocks that came twice draws nothing", () => {
    const server = started();
    // The client was busy: the window was sent again for nothing.
    server.pass(100);
    expect(server.taken()).toEqual(range(1, 8));
    server.ack(8);
    expect(server.taken()).toEqual(range(9, 16));
    for (let echo = 0; echo < 3; echo++) {
      server.pass(1);
      server.ack(8);
    }
    server.pass(7);
    server.ack(16);
    expect(server.taken()).toEqual(range(17, 24));
  });

  test("an ACK that looks like an echo draws the window if silence follows", () => {
    const server = started();
    server.pass(100);
    server.ack(8);
    server.taken();
    server.pass(10);
    server.ack(8);
    server.pass(50);
    expect(server.taken()).toEqual(range(9, 16));
  });

  test("a first round trip that was far too long makes one loss wait, and no other", () => {
    const server = started();
    server.now += 10;
    server.ack(2);
    server.taken();
    // In truth the way takes 2 ms.
    server.now += 2;
    server.ack(5);
    expect(server.taken()).toEqual(range(11, 13));
    server.sleep();
    expect(server.taken()).toEqual(range(6, 13));
    server.now += 2;
    server.ack(7);
    expect(server.taken()).toEqual(range(8, 15));
  });

  test("silence draws the last block of the window first, long before the time-out", () => {
    const server = started();
    server.now += 10;
    server.ack(2);
    server.taken();
    expect(server.sleep()).toBeLessThan(50);
    expect(server.taken()).toEqual(["10"]);
    // The client is still behind block 2: now it is known, and the rest follows.
    server.now += 10;
    server.ack(2);
    expect(server.taken()).toEqual(range(3, 10));
  });

  test("without a loss before it, silence draws nothing until the time-out", () => {
    const server = started();
    server.pass(99);
    expect(server.taken()).toEqual([]);
  });
});

describe("a repeated ACK that comes sooner than an answer can", () => {
  test("a repeated ACK that comes too soon draws the window only if nothing else is heard for a short while", () => {
    const server = started();
    server.now += 5;
    server.ack(0);
    expect(server.taken()).toEqual([]);
    server.sleep();
    expect(server.taken()).toEqual(range(1, 8));
  });

  test("a repeated ACK that comes too soon draws the window at once if it comes again", () => {
    const server = started();
    server.now += 5;
    server.ack(0);
    server.ack(0);
    expect(server.taken()).toEqual(range(1, 8));
  });

  test("a repeated ACK that comes too soon draws nothing if the window arrives after all: datagrams had overtaken each other", () => {
    const server = started();
    server.now += 5;
    server.ack(0);
    server.now += 6;
    server.ack(8);
    expect(server.taken()).toEqual(range(9, 16));
    expect(server.transfer.retransmissions).toBe(0);
  });
});

describe("a client that acknowledges block by block", () => {
  test("a client that acknowledges block by block is sent a window twice once, and each block once from then on", () => {
    const server = started();
    server.now += 9;
    for (let block = 1; block <= 60; block++) {
      server.now += 1;
      server.ack(block);
    }
    expect(server.taken().length).toBeLessThanOrEqual(60 + 8);
  });
});
