import { describe, expect, test } from "vitest";
import { serverStopped } from "../../../src/worker/protocol/fault.ts";
import { bytesOf, errorPacket, VirtualServer } from "../../helpers/virtual-link.ts";

const threeBlocks = bytesOf(512 * 2 + 100);

describe("lock-step (RFC 1350)", () => {
  test("without options the transfer begins with block 1", () => {
    const server = new VirtualServer({ content: threeBlocks });
    expect(server.taken()).toEqual(["1"]);
  });

  test("each ACK draws the next block, and the ACK of the last one ends it without another packet", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    server.ack(2);
    expect(server.outcome).toBeUndefined();
    server.ack(3);
    expect(server.taken()).toEqual(["1", "2", "3"]);
    expect(server.outcome).toBe("complete");
  });

  test("a file whose size is a multiple of the block size ends with an empty block", () => {
    const server = new VirtualServer({ content: bytesOf(1_024) });
    server.ack(1);
    server.ack(2);
    expect(server.wire.map(({ bytes }) => bytes.length)).toEqual([516, 516, 4]);
    expect(server.outcome).toBeUndefined();
    server.ack(3);
    expect(server.outcome).toBe("complete");
  });

  test("an empty file is one empty block", () => {
    const server = new VirtualServer();
    expect(server.wire.map(({ bytes }) => [...bytes])).toEqual([[0, 3, 0, 1]]);
    server.ack(1);
    expect(server.outcome).toBe("complete");
  });

  test("a duplicate ACK draws no packet (Sorcerer's Apprentice)", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    server.taken();
    server.ack(1);
    server.ack(1);
    expect(server.taken()).toEqual([]);
    expect(server.transfer.ignored).toBe(2);
  });

  test("an old ACK and an ACK of a block not yet sent draw no packet and move nothing", () => {
    const server = new VirtualServer({ content: bytesOf(512 * 5) });
    server.ack(1);
    server.ack(2);
    server.taken();
    for (const stray of [1, 0, 4, 5, 40_000, 65_535]) server.ack(stray);
    expect(server.taken()).toEqual([]);
    server.ack(3);
    expect(server.taken()).toEqual(["4"]);
  });

  test("an ACK with extra bytes counts (WDS)", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.receive(Uint8Array.of(0, 4, 0, 1, 99, 99, 99));
    expect(server.taken()).toEqual(["1", "2"]);
  });

  test.each([
    ["an ACK cut short", Uint8Array.of(0, 4, 0)],
    ["an empty datagram", new Uint8Array(0)],
    ["half an opcode", Uint8Array.of(0)],
    ["DATA", Uint8Array.of(0, 3, 0, 1, 7)],
    ["an RRQ", Uint8Array.of(0, 1, 97, 0, 111, 0)],
    ["an OACK", Uint8Array.of(0, 6)],
    ["an unknown opcode", Uint8Array.of(9, 9, 0, 1)],
  ])("in lock-step %s is ignored, counted, and harms nothing", (_, datagram) => {
    const server = new VirtualServer({ content: threeBlocks });
    server.receive(datagram);
    expect(server.taken()).toEqual(["1"]);
    expect(server.transfer.ignored).toBe(1);
    server.ack(1);
    expect(server.taken()).toEqual(["2"]);
  });
});

describe("options (RFC 2347)", () => {
  test("with options the transfer begins with the OACK, and ACK 0 draws block 1", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { blksize: "1024" } });
    expect(server.taken()).toEqual(["OACK"]);
    server.ack(0);
    expect(server.taken()).toEqual(["1"]);
  });

  test("ACK 1 does not stand for the ACK of an OACK", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { blksize: "1024" } });
    server.ack(1);
    expect(server.taken()).toEqual(["OACK"]);
  });

  test("a second ACK 0 draws no packet in lock-step", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    server.ack(0);
    server.ack(0);
    expect(server.taken()).toEqual(["OACK", "1"]);
  });

  test("ERROR 8 after the OACK is a size query, not a failure (EDK2)", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    server.taken();
    server.receive(errorPacket(8, "User aborted the transfer"));
    expect(server.outcome).toBe("size-query");
    expect(server.taken()).toEqual([]);
  });

  test("ERROR 0 after an OACK with tsize is a size query as well (Pi 3, Intel UNDI)", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    server.receive(errorPacket(0, "TFTP Aborted"));
    expect(server.outcome).toBe("size-query");
    expect(server.taken()).toEqual(["OACK"]);
  });

  test("ERROR 0 after the first block of a transfer with tsize is a size query, and after its ACK the client's failure", () => {
    const query = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    query.ack(0);
    query.receive(errorPacket(0));
    expect(query.outcome).toBe("size-query");
    const failure = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    failure.ack(0);
    failure.ack(1);
    failure.receive(errorPacket(0));
    expect(failure.outcome).toBe("client-error");
  });

  test("ERROR 0 after an OACK without tsize ends the transfer as the client's", () => {
    const server = new VirtualServer({ options: { blksize: "1024" } });
    server.receive(errorPacket(0, "closed"));
    expect(server.outcome).toBe("client-error");
    expect(server.transfer.error).toEqual({ code: 0, text: "closed" });
  });
});

describe("a client's ERROR", () => {
  test("a client's ERROR ends the transfer at once, with no packet after it", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    server.taken();
    server.receive(errorPacket(3, "Disk full"));
    expect(server.outcome).toBe("client-error");
    expect(server.transfer.error).toEqual({ code: 3, text: "Disk full" });
    server.ack(2);
    server.pass(60_000);
    expect(server.taken()).toEqual([]);
  });

  test.each([
    ["without its NUL", Uint8Array.of(0, 5, 0, 3, 68), { code: 3, text: "D" }],
    ["without a text", Uint8Array.of(0, 5, 0, 3), { code: 3, text: "" }],
    ["without a code", Uint8Array.of(0, 5), { code: 0, text: "" }],
    ["with unprintable bytes", Uint8Array.of(0, 5, 0, 3, 27, 91, 200, 0), { code: 3, text: "?[?" }],
  ])("a client's ERROR, %s, ends the transfer as well", (_, datagram, error) => {
    const server = new VirtualServer({ content: threeBlocks });
    server.receive(datagram);
    expect(server.outcome).toBe("client-error");
    expect(server.transfer.error).toEqual(error);
  });

  test("a closed client port (ICMP) ends the transfer if that is heard again after one more retransmission", () => {
    const server = new VirtualServer({ content: threeBlocks });
    for (let word = 0; word < 3; word++) server.carryOut(server.transfer.handleUnreachable(server.now));
    expect(server.outcome).toBeUndefined();
    server.pass(1_000);
    expect(server.taken()).toEqual(["1", "1"]);
    server.carryOut(server.transfer.handleUnreachable(server.now));
    expect(server.outcome).toBe("client-error");
    expect(server.transfer.error).toEqual({ text: "port unreachable" });
  });

  test("a client that acknowledges after all has not closed its port", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.carryOut(server.transfer.handleUnreachable(server.now));
    server.pass(1_000);
    server.ack(1);
    server.carryOut(server.transfer.handleUnreachable(server.now));
    expect(server.outcome).toBeUndefined();
    server.ack(2);
    server.ack(3);
    expect(server.outcome).toBe("complete");
  });

  test("the retransmission that finds out about a closed port waits for no back-off", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    server.pass(8_000);
    server.taken();
    server.carryOut(server.transfer.handleUnreachable(server.now));
    server.pass(1_000);
    expect(server.taken()).toEqual(["2"]);
  });

  test("a client port that closes after the last block was sent leaves the transfer unconfirmed", () => {
    const server = new VirtualServer({ content: bytesOf(10) });
    server.carryOut(server.transfer.handleUnreachable(server.now));
    server.pass(1_000);
    server.carryOut(server.transfer.handleUnreachable(server.now));
    expect(server.outcome).toBe("unconfirmed");
  });
});

describe("silence", () => {
  test("silence draws the same block again after 1, 2, 4, 8, 8 … s, and after 8 retransmissions the end", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    const waits = [];
    while (server.outcome === undefined) waits.push(server.sleep() / 1_000);
    expect(waits).toEqual([1, 2, 4, 8, 8, 8, 8, 8, 8]);
    expect(server.taken()).toEqual(["1", ...Array.from({ length: 9 }, () => "2")]);
    expect(server.outcome).toBe("timed-out");
    expect(server.transfer.retransmissions).toBe(8);
  });

  test("silence before the deadline draws nothing", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.now = 999;
    server.onDeadline();
    expect(server.taken()).toEqual(["1"]);
  });

  test("a negotiated timeout is a fixed interval", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { timeout: "3" } });
    server.ack(0);
    server.ack(1);
    const waits = [];
    while (server.outcome === undefined) waits.push(server.sleep());
    expect(waits).toEqual(Array.from({ length: 9 }, () => 3_000));
  });

  test("a negotiated interval of 10 ms sends no more than the usual retransmissions, and has patience for 9 s", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { utimeout: "10000" } });
    server.ack(0);
    server.ack(1);
    const waits = [];
    while (server.outcome === undefined) waits.push(server.sleep());
    expect(waits).toEqual([...Array.from({ length: 8 }, () => 10), 9_000 - 80]);
    expect(server.outcome).toBe("timed-out");
  });

  test("an ACK ends the back-off", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.pass(3_500);
    server.ack(1);
    expect(server.transfer.deadline - server.now).toBe(1_000);
  });

  test("a client that is silent for 8 s is still served", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.pass(8_000);
    server.ack(1);
    server.pass(8_000);
    server.ack(2);
    server.ack(3);
    expect(server.outcome).toBe("complete");
  });

  test("the OACK is sent again, and until the first ACK three times at most", () => {
    const server = new VirtualServer({ content: threeBlocks, options: { tsize: "0" } });
    server.pass(120_000);
    expect(server.taken()).toEqual(["OACK", "OACK", "OACK", "OACK"]);
    expect(server.outcome).toBe("timed-out");
  });

  test("block 1 without options is sent again three times at most until the first ACK", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.pass(120_000);
    expect(server.taken()).toEqual(["1", "1", "1", "1"]);
    expect(server.outcome).toBe("timed-out");
  });

  test("silence after the last block leaves the transfer unconfirmed, not failed", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.ack(1);
    server.ack(2);
    server.pass(120_000);
    expect(server.outcome).toBe("unconfirmed");
  });

  test("content that does not come in 30 s fails the transfer with ERROR 0", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.transfer.handle(Uint8Array.of(0, 4, 0, 1), 4, server.now);
    server.taken();
    server.pass(29_999);
    expect(server.outcome).toBeUndefined();
    server.pass(1);
    expect(server.outcome).toBe("failed");
    expect(server.taken()).toEqual(["ERROR 0"]);
  });
});

describe("the end", () => {
  test("late packets after the end draw nothing and change no outcome", () => {
    const server = new VirtualServer({ content: bytesOf(10) });
    server.ack(1);
    server.taken();
    server.ack(1);
    server.receive(errorPacket(0));
    server.pass(60_000);
    expect(server.taken()).toEqual([]);
    expect(server.outcome).toBe("complete");
  });

  test("a stopped server sends one ERROR 0", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.carryOut(server.transfer.fail(serverStopped, "server-stopped"));
    expect(server.taken()).toEqual(["1", "ERROR 0"]);
    expect(server.outcome).toBe("server-stopped");
  });

  test("a replaced transfer ends without a packet", () => {
    const server = new VirtualServer({ content: threeBlocks });
    server.carryOut(server.transfer.abandon("replaced"));
    expect(server.taken()).toEqual(["1"]);
    expect(server.outcome).toBe("replaced");
  });
});
