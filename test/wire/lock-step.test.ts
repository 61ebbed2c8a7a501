import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, data, error, opcode, request } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("lock-step", (transport) => {
  const content = noise(512 * 4);
  const sizes = [0, 1, 511, 512, 513, 1_023, 1_024, 1_025, 100_000];
  const server = sharedServer(
    { transport },
    { "a.bin": content, ...Object.fromEntries(sizes.map((size) => [`size-${size}`, noise(size)])) },
  );

  test.each(sizes)("a file of %i bytes arrives whole, and ends with a block that is shorter", async (size) => {
    const client = await server.client();
    const { content: fetched, lastBlock } = await download(client, `size-${size}`);
    expect(fetched).toEqual(noise(size));
    expect(lastBlock).toBe(Math.floor(size / 512) + 1);
    expect(await server.endOf(client)).toMatchObject({
      outcome: "complete",
      bytes: size,
      total: size,
      retransmissions: 0,
      blockSize: 512,
      windowSize: 1,
    });
  });

  test("nothing follows the ACK of the last block", async () => {
    const client = await server.client();
    await download(client, "size-1");
    await client.expectNothing();
  });

  test("no block is sent before the one before it was acknowledged", async () => {
    const client = await server.client();
    await client.send(request("a.bin"));
    await client.expectBlocks(1);
    await client.expectNothing();
  });

  test("a duplicate ACK draws no packet", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    for (let round = 0; round < 5; round++) await client.send(ack(1));
    await client.expectNothing();
    await client.send(ack(2));
    await client.expectBlocks(3);
    await client.expectNothing();
  });

  test("a duplicate ACK 0 after an OACK draws no packet", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["blksize", "512"]] });
    await client.send(ack(0));
    await client.expectBlocks(1);
    await client.send(ack(0));
    await client.send(ack(0));
    await client.expectNothing();
  });

  test("an old ACK draws no packet", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    await client.send(ack(2));
    await client.expectBlocks(3);
    await client.send(ack(0));
    await client.send(ack(1));
    await client.expectNothing();
  });

  test("datagrams that move nothing are counted as ignored", async () => {
    const own = await startServer({ transport }, { "a.bin": content });
    const client = await own.client();
    await client.request("a.bin");
    for (const block of [0, 7, 40_000]) await client.send(ack(block));
    await client.send(error(0, "enough"));
    await own.endOf(client);
    expect((await own.counters()).ignored).toBe(3);
  });

  test.each([2, 3, 100, 32_768, 65_535])("ACK %i, from the future, is ignored", async (block) => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(block));
    await client.expectNothing();
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test("an ACK other than 0 does not answer an OACK", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["blksize", "1024"]] });
    await client.send(ack(1));
    await client.expectNothing();
    await client.send(ack(0));
    await client.expectBlocks(1);
  });

  test("an ACK may carry extra bytes", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(Buffer.concat([ack(1), Buffer.alloc(50, "x")]));
    await client.expectBlocks(2);
    await client.send(Buffer.concat([ack(2), Buffer.alloc(1)]));
    await client.expectBlocks(3);
  });

  test.each([
    ["an empty datagram", Buffer.alloc(0)],
    ["one byte", Buffer.from([0])],
    ["an ACK cut short", Buffer.from([0, opcode.ack, 0])],
  ])("%s inside a transfer moves nothing", async (_, bytes) => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(bytes);
    await client.expectNothing();
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test.each([
    ["DATA", data(1, "x")],
    ["a read request", request("a.bin")],
    ["a write request", request("a.bin", { opcode: opcode.wrq })],
    ["an OACK", Buffer.from("\0\x06blksize\x00512\0")],
    ["opcode 0", Buffer.from([0, 0, 0, 1])],
    ["opcode 99", Buffer.from([0, 99, 0, 1])],
  ])("%s inside a transfer draws ERROR 4 and the end, or is ignored", async (_, bytes) => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(bytes);
    await client.send(ack(1));
    const refusal = expect.objectContaining({ kind: "error", code: 4 });
    const next = expect.objectContaining({ kind: "data", block: 2 });
    expect([refusal, next]).toContainEqual(await client.receivePacket());
    await client.expectNothing();
  });

  test("late packets after the end of a transfer draw nothing", async () => {
    const client = await server.client();
    await download(client, "size-513");
    await server.endOf(client);
    for (const bytes of [ack(2), ack(1), error(0, "late"), data(1, "late"), request("a.bin")]) await client.send(bytes);
    await client.expectNothing();
  });
});
