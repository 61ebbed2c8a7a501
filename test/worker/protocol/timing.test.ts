import { describe, expect, test } from "vitest";
import { bytesOf, VirtualServer } from "../../helpers/virtual-link.ts";

const content = bytesOf(8 * 200 - 1);
const inWindows = { blksize: "8", windowsize: "8" };
const inLockStep = { blksize: "8" };

/** A transfer whose client takes `rtt` ms to answer, with its first `acks` answered. */
function running(options: Readonly<Record<string, string>>, rtt: number, acks: readonly number[]): VirtualServer {
  const server = new VirtualServer({ content, options });
  for (const ack of acks) {
    server.now += rtt;
    server.ack(ack);
  }
  server.taken();
  return server;
}

function waits(server: VirtualServer, count: number): number[] {
  return Array.from({ length: count }, () => Math.round(server.sleep()));
}

describe("a tail loss probe (RFC 8985 section 7)", () => {
  const inLongWindows = { blksize: "8", windowsize: "16" };

  test("silence after a window of more than 8 blocks draws its last one after 20 ms, and all of it 200 ms later", () => {
    const server = running(inLongWindows, 1, [0, 16]);
    expect(waits(server, 1)).toEqual([20]);
    expect(server.taken()).toEqual(["32"]);
    expect(waits(server, 2)).toEqual([200, 400]);
    expect(server.taken().slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, index) => `${17 + index}`));
  });

  test("a probe comes after the round trip of a long way, and not after 20 ms", () => {
    const [first] = waits(running(inLongWindows, 400, [0, 16, 32, 48]), 1);
    expect(first).toBeGreaterThan(400);
  });

  test("a client that takes 50 ms for each window is probed twice at most", () => {
    const server = running(inLongWindows, 1, [0]);
    for (let ack = 16; ack <= 192; ack += 16) {
      server.pass(50);
      server.ack(ack);
    }
    expect(server.transfer.retransmissions).toBeLessThanOrEqual(2);
  });

  test("a transfer without a loss needs no exact timer", () => {
    const server = running(inLongWindows, 1, [0, 16]);
    expect(server.transfer.isUrgent).toBe(false);
    server.sleep();
    server.ack(20);
    expect(server.transfer.isUrgent).toBe(true);
  });

  test("a negotiated time-out is not probed", () => {
    expect(waits(running({ ...inLongWindows, timeout: "1" }, 1, [0, 16]), 2)).toEqual([1_000, 1_000]);
  });
});

describe("the retransmission time with windows (RFC 6298)", () => {
  test("the retransmission time with windows falls to 100 ms on a short way, and backs off from there", () => {
    expect(waits(running(inWindows, 1, [0, 8, 16]), 4)).toEqual([100, 200, 400, 800]);
  });

  test("the retransmission time with windows follows a long round trip", () => {
    const [first] = waits(running(inWindows, 400, [0, 8, 16, 24, 32, 40, 48]), 1);
    expect(first).toBeGreaterThan(400);
    expect(first).toBeLessThan(1_000);
  });

  test("the retransmission time with windows is the configured one until something was measured", () => {
    const server = new VirtualServer({ content, options: inWindows });
    expect(waits(server, 2)).toEqual([1_000, 2_000]);
  });

  test("the round-trip time takes no sample from an ACK of blocks that were sent twice (Karn)", () => {
    const server = running(inWindows, 1, [0, 8]);
    server.pass(100);
    server.now += 1;
    server.ack(16);
    // 101 ms would have made it 150 at least. The first of the two is a tail loss probe, since there was a loss.
    expect(waits(server, 2)).toEqual([10, 100]);
  });

  test("a client that always takes longer than the time-out is measured, and not sent everything twice", () => {
    const server = running(inWindows, 1, [0]);
    for (let ack = 8; ack <= 160; ack += 8) {
      server.pass(250);
      server.ack(ack);
    }
    const before = server.transfer.retransmissions;
    server.pass(250);
    server.ack(168);
    expect(server.transfer.retransmissions).toBe(before);
    expect(before).toBeLessThan(15);
  });

  test("the retransmission time with windows is a tenth of a longer configured one at least", () => {
    const server = new VirtualServer({ content, options: inWindows, timing: { intervalMs: 30_000 } });
    server.ack(0);
    expect(server.transfer.deadline - server.now).toBe(3_000);
  });

  test("a negotiated retransmission time stays", () => {
    const server = running({ ...inWindows, timeout: "2" }, 1, [0, 8]);
    expect(waits(server, 3)).toEqual([2_000, 2_000, 2_000]);
  });
});

describe("the retransmission time in lock-step", () => {
  test("the retransmission time in lock-step never falls under the configured one, however short the way", () => {
    expect(waits(running(inLockStep, 1, [0, 1, 2, 3]), 2)).toEqual([1_000, 2_000]);
  });

  test("the retransmission time in lock-step grows with the round trip", () => {
    expect(waits(running(inLockStep, 900, [0, 1, 2, 3]), 1)[0]).toBeGreaterThan(1_000);
  });
});

describe("a repeated ACK in lock-step", () => {
  test("a repeated ACK in lock-step draws nothing within 200 ms, and later the block", () => {
    const server = running(inLockStep, 1, [0, 1]);
    server.now += 200;
    server.ack(1);
    expect(server.taken()).toEqual([]);
    server.now += 1;
    server.ack(1);
    expect(server.taken()).toEqual(["2"]);
  });

  test("repeated ACKs in lock-step draw the block once in each 200 ms", () => {
    const server = running(inLockStep, 1, [0, 1]);
    server.now += 201;
    for (let count = 0; count < 10; count++) server.ack(1);
    expect(server.taken()).toEqual(["2"]);
  });

  test("a repeated ACK in lock-step draws nothing within four round trips", () => {
    const server = running(inLockStep, 100, [0, 1, 2, 3]);
    server.now += 399;
    server.ack(3);
    expect(server.taken()).toEqual([]);
    server.now += 2;
    server.ack(3);
    expect(server.taken()).toEqual(["4"]);
  });

  test("a repeated ACK in lock-step draws nothing before anything was acknowledged", () => {
    const server = new VirtualServer({ content });
    server.taken();
    server.now += 900;
    server.ack(0);
    expect(server.taken()).toEqual([]);
  });

  test("a repeated ACK in lock-step is answered under a negotiated timeout as well", () => {
    const server = running({ ...inLockStep, timeout: "5" }, 1, [0, 1]);
    server.now += 300;
    server.ack(1);
    expect(server.taken()).toEqual(["2"]);
  });
});

describe("the back-off", () => {
  test("the back-off begins anew with a repeated ACK: the client is there", () => {
    const server = running({ ...inWindows, windowsize: "2" }, 1, [0, 2]);
    server.pass(1_600);
    server.taken();
    // The block behind it has just been sent again: no question yet.
    server.ack(2);
    server.taken();
    expect(server.transfer.deadline - server.now).toBeLessThanOrEqual(100);
  });

  test("the back-off is not put off by a client that repeats itself for ever", () => {
    const server = running(inLockStep, 1, [0, 1]);
    for (let count = 0; count < 20; count++) {
      server.pass(100);
      server.ack(1);
    }
    expect(server.taken().length).toBeGreaterThanOrEqual(2);
  });
});

describe("a client is given up", () => {
  test("a client that has acknowledged nothing is given up 10 s after its request, whatever timeout was negotiated", () => {
    const server = new VirtualServer({ content, options: { timeout: "255" } });
    server.pass(9_999);
    expect(server.outcome).toBeUndefined();
    server.pass(1);
    expect(server.outcome).toBe("timed-out");
    expect(server.taken()).toEqual(["OACK"]);
  });

  test("a client that has acknowledged nothing is given up after three retransmissions at most", () => {
    const server = new VirtualServer({ content, options: { timeout: "1" } });
    server.pass(10_000);
    expect(server.taken()).toEqual(["OACK", "OACK", "OACK", "OACK"]);
    expect(server.outcome).toBe("timed-out");
  });

  test("a client is given up after maxSilenceMs, whatever timeout was negotiated", () => {
    const server = running({ timeout: "255" }, 1, [0, 1]);
    server.pass(119_999);
    expect(server.outcome).toBeUndefined();
    server.pass(1);
    expect(server.outcome).toBe("timed-out");
  });

  test("a client that repeats its last ACK again and again is given up after maxSilenceMs without progress", () => {
    const server = running(inLockStep, 1, [0, 1]);
    for (let second = 1; second < 120; second++) {
      server.pass(1_000);
      server.ack(1);
    }
    expect(server.outcome).toBeUndefined();
    server.pass(2_000);
    expect(server.outcome).toBe("timed-out");
  });

  test("a client in lock-step is given up after maxRetries: 55 s by default", () => {
    const server = running(inLockStep, 1, [0, 1]);
    server.pass(54_999);
    expect(server.outcome).toBeUndefined();
    server.pass(1);
    expect(server.outcome).toBe("timed-out");
  });

  test("a client with windows is given up no sooner than in lock-step, and after no more retransmissions", () => {
    const server = running(inWindows, 1, [0, 8]);
    server.pass(54_900);
    expect(server.outcome).toBeUndefined();
    server.pass(200);
    expect(server.outcome).toBe("timed-out");
    expect(server.transfer.retransmissions).toBe(8);
  });
});
