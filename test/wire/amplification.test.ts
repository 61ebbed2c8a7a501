import { truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { request, type RequestShape } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

/** What docs/security.md says. UDP and IPv4 take 28 bytes of each datagram, in and out. */
const HEADERS = 28;

// Whoever forges a sender's address must not get more out of us than docs/security.md tells. Shorter times than the
// defaults: how often is what counts here.
describeOnEachTransport("what one datagram of an unproved client draws", (transport) => {
  const server = sharedServer({ transport, retransmitMs: 20, maxRetries: 8 }, { a: noise(100_000) });

  test.each<[title: string, file: string, shape: RequestShape, sent: number, replies: number[], factor: number]>([
    ["the smallest request, without options", "a", {}, 10, [516, 516, 516, 516], 57.3],
    [
      "a request with options",
      "a",
      {
        options: [
          ["blksize", "1468"],
          ["windowsize", "64"],
        ],
      },
      37,
      [29, 29, 29, 29],
      3.5,
    ],
    ["the options that make the most of it", "a", { options: [["tsize", ""]] }, 17, [15, 15, 15, 15], 3.8],
    ["a missing file", "b", {}, 10, [19], 1.2],
    ["a write request", "a", { opcode: 2 }, 10, [21], 1.3],
    ["a name outside the root", "..", {}, 11, [21], 1.3],
  ])(
    "one datagram of an unproved client draws no more than docs/security.md says: %s",
    async (_, file, shape, sent, replies, factor) => {
      const bytes = request(file, shape);
      expect(bytes.length).toBe(sent);
      const client = await server.client();
      await client.send(bytes);
      expect(await lengthsOf(client)).toEqual(replies);
      const out = replies.reduce((sum, length) => sum + length + HEADERS, 0);
      expect(out / (sent + HEADERS)).toBeCloseTo(factor, 1);
    },
  );

  test.each([
    ["a read request", 1],
    ["a write request", 2],
  ])("two bytes that begin %s draw one ERROR of 22 bytes", async (_, opcode) => {
    const client = await server.client();
    await client.send(Buffer.of(0, opcode));
    expect(await lengthsOf(client)).toEqual([22]);
  });

  test.each([
    ["an ACK", Buffer.of(0, 4, 0, 0)],
    ["an ERROR", Buffer.of(0, 5, 0, 0, 0)],
    ["an unknown opcode", Buffer.of(9, 9)],
    ["one byte", Buffer.of(0)],
  ])("one datagram of an unproved client draws nothing: %s", async (_, bytes) => {
    const client = await server.client();
    await client.send(bytes);
    await client.expectNothing();
  });

  test("the digits of a large file's size make an OACK longer than its request", async () => {
    server.write({ sparse: "" });
    truncateSync(join(server.root, "sparse"), 999_999_999);
    const bytes = request("sparse", { options: [["tsize", ""]] });
    const client = await server.client();
    await client.send(bytes);
    // A name of one byte instead of six makes the 17 bytes that docs/security.md names.
    expect(bytes.length).toBe(17 + 5);
    expect(await lengthsOf(client)).toEqual([18, 18, 18, 18]);
  });

  test("a request that an unproved client repeats draws the packets of one", async () => {
    const client = await server.client();
    for (let count = 0; count < 50; count++) await client.send(request("a"), server.wellKnown);
    expect(await lengthsOf(client)).toEqual([516, 516, 516, 516]);
  });
});

/** Of all the datagrams that come, until the transfer must have been given up. */
async function lengthsOf(client: RawClient): Promise<number[]> {
  const lengths: number[] = [];
  for (;;) {
    // The longest pause is 160 ms, before the third retransmission.
    const datagram = await client.receive(1_500).catch(() => undefined);
    if (datagram === undefined) return lengths;
    lengths.push(datagram.bytes.length);
  }
}
