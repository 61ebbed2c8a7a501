import { expect, test } from "vitest";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack } from "../helpers/raw-packets.ts";
import { sharedServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// RFC 7440. Blocks of 512 bytes; "a.bin" has 20 of them, the last one short.
describeOnEachTransport("windows", (transport) => {
  const content = noise(512 * 19 + 100);
  const server = sharedServer({ transport }, { "a.bin": content, "exact.bin": noise(512 * 8) });

  test("exactly W blocks of a window are sent, then the server waits", async () => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.expectNothing();
    await client.send(ack(4));
    await client.expectBlocks(5, 6, 7, 8);
    await client.expectNothing();
  });

  test("the ACK 0 of the OACK must come before the first window", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["windowsize", "4"]] });
    await client.expectNothing();
  });

  test("an ACK inside the window resumes right behind it, with a full window", async () => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.send(ack(2));
    await client.expectBlocks(3, 4, 5, 6);
    await client.expectNothing();
    await client.send(ack(6));
    await client.expectBlocks(7, 8, 9, 10);
    await client.expectNothing();
  });

  test("five equal ACKs resend a window once", async () => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.send(ack(4));
    await client.expectBlocks(5, 6, 7, 8);
    for (let round = 0; round < 5; round++) await client.send(ack(4));
    await client.expectBlocks(5, 6, 7, 8);
    await client.expectNothing();
    await client.send(ack(8));
    await client.expectBlocks(9, 10, 11, 12);
    await client.expectNothing();
  });

  test.each([5, 9, 12, 1_000, 40_000, 65_535])("ACK %i, from the future, is ignored", async (block) => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.send(ack(block));
    await client.expectNothing();
    await client.send(ack(4));
    await client.expectBlocks(5, 6, 7, 8);
  });

  test("an ACK from before the window is ignored", async () => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.send(ack(4));
    await client.expectBlocks(5, 6, 7, 8);
    await client.send(ack(3));
    await client.send(ack(0));
    await client.expectNothing();
  });

  test("the last window is as short as the rest of the file, and nothing follows its ACK", async () => {
    const client = await inWindowOf(16, server);
    await client.expectBlocks(...Array.from({ length: 16 }, (_, index) => index + 1));
    await client.send(ack(16));
    const rest = await client.expectBlocks(17, 18, 19, 20);
    expect(rest[3]).toHaveLength(100);
    await client.expectNothing();
    await client.send(ack(20));
    await client.expectNothing();
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete", windowSize: 16, bytes: content.length });
  });

  test("if the size is a multiple of the block size, the empty block is in the last window", async () => {
    const client = await inWindowOf(64, server, "exact.bin");
    const payloads = await client.expectBlocks(1, 2, 3, 4, 5, 6, 7, 8, 9);
    expect(payloads[8]).toHaveLength(0);
    await client.send(ack(9));
    await client.expectNothing();
  });

  test("a client's ERROR inside a window ends it", async () => {
    const client = await inWindowOf(4, server);
    await client.expectBlocks(1, 2, 3, 4);
    await client.send(Buffer.from([0, 5, 0, 0, 0]));
    await client.send(ack(4));
    await client.expectNothing();
    expect(await server.endOf(client)).toMatchObject({ outcome: "client-error" });
  });
});

describeOnEachTransport("windows with losses", (transport) => {
  const content = noise(150_000);
  const large = noise(2_000_000);
  const server = sharedServer({ transport, retransmitMs: 100 }, { "a.bin": content, "large.bin": large });

  test.each([2, 4, 16, 64])("a window of %i survives the loss of every seventh block", async (windowSize) => {
    const client = await server.client();
    const { content: fetched } = await download(client, "a.bin", {
      options: [
        ["windowsize", String(windowSize)],
        ["blksize", "1024"],
      ],
      loses: (block, arrival) => block % 7 === 0 && arrival === 1,
    });
    expect(fetched).toEqual(content);
  });

  // Larger windows than one chunk of read-ahead: the ACK that tells of the gap comes while the window is still being
  // sent.
  test("the loss of a window's first block costs no timeout", async () => {
    const client = await server.client();
    const { content: fetched } = await download(client, "large.bin", {
      options: [
        ["windowsize", "32"],
        ["blksize", "8192"],
        ["timeout", "30"],
      ],
      loses: (block, arrival) => block % 32 === 1 && arrival === 1,
    });
    expect(fetched.equals(large)).toBe(true);
  });

  test("the loss of a window's last block is made good after a silence", async () => {
    const client = await server.client();
    const { content: fetched } = await download(client, "a.bin", {
      options: [
        ["windowsize", "8"],
        ["blksize", "4096"],
      ],
      loses: (block, arrival) => block === 8 && arrival === 1,
    });
    expect(fetched).toEqual(content);
    expect((await server.endOf(client)).retransmissions).toBeGreaterThanOrEqual(1);
  });
});

async function inWindowOf(windowSize: number, server: TestServer, file = "a.bin"): Promise<RawClient> {
  const client = await server.client();
  await client.request(file, { options: [["windowsize", String(windowSize)]] });
  await client.send(ack(0));
  return client;
}
