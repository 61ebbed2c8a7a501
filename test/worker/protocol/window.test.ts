import { describe, expect, test } from "vitest";
import { ackPacket, bytesOf, VirtualServer } from "../../helpers/virtual-link.ts";

const options = { blksize: "8", windowsize: "4" };

function started(blocks: number): VirtualServer {
  const server = new VirtualServer({ content: bytesOf(blocks * 8 - 1), options });
  server.ack(0);
  expect(server.taken()).toEqual(["OACK", "1", "2", "3", "4"]);
  return server;
}

function range(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String((first + index) % 65_536));
}

describe("a window (RFC 7440)", () => {
  test("a window is exactly W blocks, and its ACK draws the next W", () => {
    const server = started(20);
    server.ack(4);
    expect(server.taken()).toEqual(range(5, 8));
  });

  test("a window at the end of the file is as short as what is left", () => {
    const server = started(6);
    server.ack(4);
    expect(server.taken()).toEqual(["5", "6"]);
    server.ack(6);
    expect(server.outcome).toBe("complete");
    expect(server.taken()).toEqual([]);
  });

  test("a window acknowledged in its middle resumes right behind the ACK with a full window", () => {
    const server = started(20);
    server.ack(2);
    expect(server.taken()).toEqual(range(3, 6));
  });

  test("a window whose later blocks arrived after all is acknowledged by them", () => {
    const server = started(20);
    server.ack(2);
    server.taken();
    server.ack(4);
    expect(server.taken()).toEqual(range(5, 8));
  });

  test("a window is sent again once for five equal ACKs", () => {
    const server = started(20);
    server.ack(4);
    server.taken();
    for (let count = 0; count < 5; count++) server.ack(4);
    expect(server.taken()).toEqual(range(5, 8));
    expect(server.transfer.ignored).toBe(4);
  });

  test("a window that is still being sent begins again for a duplicate ACK", () => {
    const server = started(20);
    server.transfer.handle(ackPacket(4), 4, server.now);
    server.transfer.sent(5, server.now);
    server.ack(4);
    expect(server.taken()).toEqual(range(5, 8));
  });

  test("a window of which nothing has been sent yet is not sent twice for a duplicate ACK", () => {
    const server = started(20);
    server.transfer.handle(ackPacket(4), 4, server.now);
    expect(server.transfer.handle(ackPacket(4), 4, server.now)).toBe("nothing");
  });

  test("a window may be sent again for a duplicate ACK once more after a time-out", () => {
    const server = started(20);
    server.ack(0);
    server.sleep();
    server.taken();
    server.ack(0);
    server.ack(0);
    expect(server.taken()).toEqual(range(1, 4));
  });

  test("a window is not moved by an ACK from the future", () => {
    const server = started(20);
    for (const future of [5, 6, 1_000, 40_000]) server.ack(future);
    expect(server.taken()).toEqual([]);
    server.ack(4);
    expect(server.taken()).toEqual(range(5, 8));
  });

  test("a window is not moved by an old ACK", () => {
    const server = started(20);
    server.ack(4);
    server.taken();
    for (const old of [3, 2, 1, 0]) server.ack(old);
    expect(server.taken()).toEqual([]);
  });

  test("a window is sent again as a whole after silence", () => {
    const server = started(20);
    server.ack(4);
    server.taken();
    server.sleep();
    expect(server.taken()).toEqual(range(5, 8));
    expect(server.transfer.retransmissions).toBe(1);
  });

  test("a granted window never exceeds the server's limit", () => {
    const content = bytesOf(800);
    const server = new VirtualServer({ content, options: { blksize: "8", windowsize: "50" }, maxWindowSize: 3 });
    server.ack(0);
    expect(server.taken()).toEqual(["OACK", "1", "2", "3"]);
  });
});

describe("block numbers wrap from 65535 to 0 (RFC 1123 leaves it open, all clients do it)", () => {
  test("block numbers wrap from 65535 to 0 in lock-step", () => {
    const server = new VirtualServer({ content: bytesOf(8 * 65_540), options: { blksize: "8" } });
    server.ack(0);
    const wrong: number[] = [];
    for (let block = 1; block <= 65_541; block++) {
      if (server.taken().at(-1) !== String(block % 65_536)) wrong.push(block);
      server.ack(block);
    }
    expect(wrong).toEqual([]);
    expect(server.outcome).toBe("complete");
  });

  test("block numbers wrap from 65535 to 0 in windows, with a loss on each side of the wrap", () => {
    const server = new VirtualServer({ content: bytesOf(8 * 65_600), options });
    server.ack(0);
    for (let block = 4; block <= 65_532; block += 4) server.ack(block);
    server.taken();
    server.ack(65_534);
    expect(server.taken()).toEqual(["65535", "0", "1", "2"]);
    server.ack(65_535);
    expect(server.taken()).toEqual(["0", "1", "2", "3"]);
    server.ack(0);
    expect(server.taken()).toEqual(["1", "2", "3", "4"]);
    server.sleep();
    expect(server.taken()).toEqual(["1", "2", "3", "4"]);
    server.ack(65_535);
    expect(server.taken()).toEqual([]);
    server.ack(4);
    expect(server.taken()).toEqual(["5", "6", "7", "8"]);
  });

  test("a file of exactly 65535 full blocks ends with an empty block 0", () => {
    const server = new VirtualServer({ content: bytesOf(8 * 65_535), options: { blksize: "8", windowsize: "64" } });
    server.ack(0);
    for (let block = 64; block < 65_535; block += 64) server.ack(block);
    expect(server.wire.at(-1)?.bytes).toEqual(Uint8Array.of(0, 3, 0, 0));
    server.ack(65_535);
    expect(server.outcome).toBeUndefined();
    server.ack(0);
    expect(server.outcome).toBe("complete");
  });
});

describe("with rollover 1 block numbers wrap from 65535 to 1", () => {
  const rollover = "1";

  test("with rollover 1 block numbers wrap from 65535 to 1 in lock-step, each time", () => {
    const server = new VirtualServer({ content: bytesOf(8 * 131_080), options: { blksize: "8", rollover } });
    server.ack(0);
    const wrong: number[] = [];
    for (let block = 1; block <= 131_081; block++) {
      const number = ((block - 1) % 65_535) + 1;
      if (server.taken().at(-1) !== String(number)) wrong.push(block);
      server.ack(number);
    }
    expect(wrong).toEqual([]);
    expect(server.outcome).toBe("complete");
  });

  test("with rollover 1 block numbers wrap from 65535 to 1 in windows, with a loss on each side of the wrap", () => {
    const server = new VirtualServer({ content: bytesOf(8 * 65_600), options: { ...options, rollover } });
    server.ack(0);
    for (let block = 4; block <= 65_532; block += 4) server.ack(block);
    server.taken();
    server.ack(65_534);
    expect(server.taken()).toEqual(["65535", "1", "2", "3"]);
    // No block has number 0, and its ACK belongs to the OACK.
    server.ack(0);
    expect(server.taken()).toEqual([]);
    server.ack(65_535);
    expect(server.taken()).toEqual(["1", "2", "3", "4"]);
    server.ack(1);
    expect(server.taken()).toEqual(["2", "3", "4", "5"]);
    server.sleep();
    expect(server.taken()).toEqual(["2", "3", "4", "5"]);
    server.ack(65_535);
    expect(server.taken()).toEqual([]);
    server.ack(5);
    expect(server.taken()).toEqual(["6", "7", "8", "9"]);
  });

  test("with rollover 1 a file of exactly 65535 full blocks ends with an empty block 1", () => {
    const server = new VirtualServer({
      content: bytesOf(8 * 65_535),
      options: { blksize: "8", windowsize: "64", rollover },
    });
    server.ack(0);
    for (let block = 64; block < 65_535; block += 64) server.ack(block);
    expect(server.wire.at(-1)?.bytes).toEqual(Uint8Array.of(0, 3, 0, 1));
    server.ack(65_535);
    expect(server.outcome).toBeUndefined();
    server.ack(1);
    expect(server.outcome).toBe("complete");
  });

  test("with rollover 1 an ACK of block 65535 at the start is one from the future, not the OACK's once more", () => {
    const server = new VirtualServer({ content: bytesOf(800), options: { ...options, rollover } });
    server.ack(0);
    server.taken();
    const { ignored } = server.transfer;
    server.ack(65_535);
    server.pass(20);
    expect(server.taken()).toEqual([]);
    expect(server.transfer.ignored).toBe(ignored + 1);
  });

  test("with rollover 1 the largest window is sent, and acknowledged, across the wrap", () => {
    const windowsize = "65535";
    const content = bytesOf(8 * 140_000);
    const server = new VirtualServer({
      content,
      options: { blksize: "8", windowsize, rollover },
      maxWindowSize: 65_535,
    });
    server.ack(0);
    expect(server.taken().length).toBe(1 + 65_534);
    server.ack(65_534);
    const second = server.taken();
    expect([second[0], second[1], second.at(-1)]).toEqual(["65535", "1", "65533"]);
    server.ack(65_533);
    expect(server.transfer.acknowledged).toBe(2 * 65_534);
  });
});
