import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { negotiate } from "../../../src/worker/protocol/negotiate.ts";
import { decodeError, decodeRequest, encodeOptionAck, MAX_REQUEST } from "../../../src/worker/protocol/packet.ts";
import { request } from "../../helpers/raw-packets.ts";
import { ackPacket, bytesOf, errorPacket, VirtualServer } from "../../helpers/virtual-link.ts";

// A failure names its seed and path: `fc.assert(…, { seed, path })` does the same again.
const runs = { numRuns: 2_000 };

const word = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code)),
  maxLength: 30,
});
const optionName = fc.oneof(
  fc.constantFrom("blksize", "BLKSIZE", "tsize", "timeout", "utimeout", "windowsize", "rollover", "msftwindow"),
  word,
);
const optionValue = fc.oneof(
  fc.integer({ min: -5, max: 70_000 }).map(String),
  fc.constantFrom("", "1e3", "0x10", "31416"),
  word,
);
const limits = fc.record({
  maxBlockSize: fc.integer({ min: 8, max: 65_464 }),
  maxWindowSize: fc.integer({ min: 1, max: 65_535 }),
  windowBytes: fc.oneof(fc.constant(0), fc.integer({ min: 8, max: 2 ** 20 })),
  variableWindow: fc.boolean(),
  size: fc.option(fc.integer({ min: 0, max: 2 ** 40 }), { nil: undefined }),
});

describe("the decoder", () => {
  test("the decoder takes any bytes without a throw, and what it returns is within them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: MAX_REQUEST + 10 }), (bytes) => {
        const packet = decodeRequest(bytes);
        if (packet === undefined) return;
        expect(bytes.length).toBeLessThanOrEqual(MAX_REQUEST);
        expect(packet.file.length).toBeGreaterThan(0);
        expect(packet.file.includes(0)).toBe(false);
        const told = packet.file.length + packet.mode.length + [...packet.options].flat().join("").length;
        expect(told).toBeLessThan(bytes.length);
        decodeError(bytes, bytes.length);
      }),
      runs,
    );
  });

  test("the decoder reads what was written, and the first of equal option names counts", () => {
    const options = fc.array(
      fc.tuple(
        optionName.filter((name) => name !== ""),
        optionValue,
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        word.filter((name) => name !== ""),
        options,
        (file, pairs) => {
          const packet = decodeRequest(request(Buffer.from(file, "latin1"), { options: pairs }));
          expect(Buffer.from(packet?.file ?? []).toString("latin1")).toBe(file);
          expect(packet?.mode).toBe("octet");
          const expected = new Map(pairs.toReversed().map(([name, value]) => [name.toLowerCase(), value]));
          expect(new Map(packet?.options)).toEqual(expected);
        },
      ),
      runs,
    );
  });

  test("to the decoder a request cut short anywhere is none, or one without the options that were cut", () => {
    const whole = request("file", {
      options: [
        ["blksize", "1024"],
        ["windowsize", "8"],
      ],
    });
    for (let length = 0; length < whole.length; length++) {
      const packet = decodeRequest(whole.subarray(0, length));
      expect(packet?.options.size).toBe(length < 13 ? undefined : length < 26 ? 0 : 1);
    }
  });
});

describe("the negotiation", () => {
  test("the negotiation grants only what was asked for, in that order, within the limits, and says so byte for byte", () => {
    const asked = fc.array(
      fc.tuple(
        optionName.map((name) => name.toLowerCase()),
        optionValue,
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(asked, limits, (pairs, limit) => {
        const options = new Map(pairs);
        const terms = negotiate(
          options,
          { ...limit, retransmitMs: 1_000, maxRetries: 8, maxSilenceMs: 120_000 },
          limit.size,
        );
        expect([...terms.granted.keys()]).toEqual([...options.keys()].filter((name) => terms.granted.has(name)));
        expect(terms.blockSize).toBeGreaterThanOrEqual(8);
        expect(terms.blockSize).toBeLessThanOrEqual(Math.max(512, limit.maxBlockSize));
        expect(terms.windowSize).toBeGreaterThanOrEqual(1);
        expect(terms.windowSize).toBeLessThanOrEqual(limit.maxWindowSize);
        expect(terms.granted.get("blksize") ?? 0).toBeLessThanOrEqual(limit.maxBlockSize);
        expect(terms.granted.get("blksize") ?? -Infinity).toBeLessThanOrEqual(askedFor(options, "blksize"));
        expect(terms.granted.get("windowsize") ?? -Infinity).toBeLessThanOrEqual(askedFor(options, "windowsize"));
        expect([undefined, askedFor(options, "timeout")]).toContain(terms.granted.get("timeout"));
        expect([undefined, askedFor(options, "utimeout")]).toContain(terms.granted.get("utimeout"));
        expect([undefined, 0, 1]).toContain(terms.granted.get("rollover"));
        expect([undefined, 27_182]).toContain(terms.granted.get("msftwindow"));
        expect(terms.hasVariableWindow).toBe(terms.granted.has("msftwindow"));
        const mayVary = limit.variableWindow && limit.maxWindowSize >= 255;
        expect(!terms.hasVariableWindow || (mayVary && askedFor(options, "msftwindow") === 31_416)).toBe(true);
        expect(terms.rollover).toBe(terms.granted.get("rollover") ?? 0);
        expect([undefined, terms.windowSize]).toContain(terms.granted.get("windowsize"));
        const bytes = terms.windowSize * terms.blockSize;
        expect(terms.windowSize === 1 || limit.windowBytes === 0 || bytes <= limit.windowBytes).toBe(true);
        expect([undefined, limit.size]).toContain(terms.granted.get("tsize"));
        expect([...terms.granted.keys()].filter((name) => !known.has(name))).toEqual([]);
        expect(terms.offer).toEqual(terms.granted.size === 0 ? undefined : encodeOptionAck(terms.granted));
      }),
      runs,
    );
  });
});

const known = new Set(["blksize", "tsize", "timeout", "utimeout", "windowsize", "rollover", "msftwindow"]);

/** Infinity where it was not, or makes no number. */
function askedFor(options: ReadonlyMap<string, string>, name: string): number {
  const value = Number(options.get(name));
  return Number.isNaN(value) ? Infinity : value;
}

/** What may happen to a transfer: any datagram, or time that goes by. */
type Step = { readonly bytes: Uint8Array } | { readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 45 }).map((block) => ({ bytes: ackPacket(block) })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 65_535 }).map((block) => ({ bytes: ackPacket(block) })) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ bytes })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 }).map((code) => ({ bytes: errorPacket(code) })) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 9_000 }).map((ms) => ({ ms })) },
);

const plan = fc.record({
  size: fc.integer({ min: 0, max: 8 * 45 }),
  windowSize: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  timeout: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
});

function serverOf({
  size,
  windowSize,
  timeout,
}: typeof plan extends fc.Arbitrary<infer Plan> ? Plan : never): VirtualServer {
  const options = {
    blksize: "8",
    ...(windowSize !== undefined && { windowsize: `${windowSize}` }),
    ...(timeout !== undefined && { timeout: `${timeout}` }),
  };
  return new VirtualServer({ content: bytesOf(size), options });
}

/** Collects which limits were passed: `expect` takes as long as the step that it would judge, a million times. */
class Limits {
  readonly passed: string[] = [];

  atMost(value: number, limit: number, what: string): void {
    if (!(value <= limit)) this.passed.push(`${what}: ${value}, at most ${limit}`);
  }
}

describe("the state machine, for every sequence of datagrams and clock steps,", () => {
  test("the state machine sends no block outside the window, and one window per input at most", () => {
    fc.assert(
      fc.property(plan, fc.array(step, { maxLength: 60 }), (shape, steps) => {
        const server = serverOf(shape);
        const { transfer } = server;
        const within = new Limits();
        for (const event of steps) {
          server.wire.length = 0;
          if ("bytes" in event) server.receive(event.bytes);
          else server.pass(event.ms);
          // `pass` wakes it as often as it asks: each time is an input of its own.
          const window = transfer.plan.windowSize;
          for (const { bytes } of server.wire) {
            if (bytes[1] !== 3) continue;
            const block = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
            within.atMost(transfer.acknowledged + 1, block, "the first block of the window");
            within.atMost(block, transfer.acknowledged + window, "the last block of the window");
            within.atMost(block, transfer.lastBlock ?? 0, "the last block of the file");
          }
          within.atMost("bytes" in event ? server.wire.length : 0, window, "packets for an input");
        }
        expect(within.passed).toEqual([]);
      }),
      runs,
    );
  });

  test("the state machine sends one window per acknowledged step at most, and once more for each retransmission", () => {
    fc.assert(
      fc.property(plan, fc.array(step, { maxLength: 60 }), (shape, steps) => {
        const server = serverOf(shape);
        const { transfer } = server;
        const window = transfer.plan.windowSize;
        let [acknowledged, since, timeouts, answers, packets] = [0, 0, 0, 0, 0];
        const within = new Limits();
        for (const event of steps) {
          server.wire.length = 0;
          const before = transfer.retransmissions;
          if ("bytes" in event) server.receive(event.bytes);
          else server.pass(event.ms);
          if (transfer.acknowledged > acknowledged) {
            acknowledged = transfer.acknowledged;
            [since, timeouts, answers, packets] = [server.now, 0, 0, 0];
          }
          const repeats = transfer.retransmissions - before;
          if ("ms" in event) timeouts += repeats;
          else answers += repeats;
          packets += server.wire.filter(({ bytes }) => bytes[1] === 3).length;
          within.atMost(packets, window * (1 + timeouts + answers), "packets since a step");
          // A repeated ACK is a question once in 200 ms; with windows one is answered at once, and after each time-out.
          const questions = Math.floor((server.now - since) / 200);
          within.atMost(answers, questions + (window === 1 ? 0 : 1 + timeouts), "answers since a step");
        }
        expect(within.passed).toEqual([]);
      }),
      runs,
    );
  });

  test("the state machine sends four packets at most before the first ACK, and none of them is more than one block", () => {
    const noise = fc.array(step.filter((event) => !("bytes" in event) || event.bytes[1] !== 4));
    fc.assert(
      fc.property(plan, fc.boolean(), noise, (shape, withOptions, steps) => {
        const server = withOptions ? serverOf(shape) : new VirtualServer({ content: bytesOf(5_000) });
        for (const event of steps) {
          if ("bytes" in event) server.receive(event.bytes);
          else server.pass(event.ms);
        }
        expect(server.transfer.proved).toBe(false);
        expect(server.packetsSent).toBeLessThanOrEqual(4);
        for (const { bytes } of server.wire) expect(bytes.length).toBeLessThanOrEqual(516);
      }),
      runs,
    );
  });

  test("the state machine ends: an hour of silence after any input leaves an outcome, and no deadline", () => {
    fc.assert(
      fc.property(plan, fc.array(step, { maxLength: 60 }), (shape, steps) => {
        const server = serverOf(shape);
        for (const event of steps) {
          if ("bytes" in event) server.receive(event.bytes);
          else server.pass(event.ms);
        }
        server.pass(3_600_000);
        expect(server.outcome).toBeDefined();
        expect(server.transfer.deadline).toBe(Infinity);
        server.wire.length = 0;
        for (const event of steps) if ("bytes" in event) server.receive(event.bytes);
        expect(server.wire).toEqual([]);
      }),
      runs,
    );
  });
});
