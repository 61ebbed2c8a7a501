import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, data, error, oack, request } from "../helpers/raw-packets.ts";
import { openHandler } from "../helpers/request-handler.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const content = noise(3_000);
const files = { "a.bin": content };

describeOnEachTransport("clients that misbehave", (transport) => {
  const server = sharedServer({ transport }, files);

  test("a board that asks every 100 ms from a new port is answered at each, and gets its file at the last", async () => {
    const strict = await startServer({ transport, maxTransfersPerClient: 4, retransmitMs: 1_000 }, files);
    const clients = [];
    for (let round = 0; round < 12; round++) {
      const client = await strict.client();
      clients.push(client);
      expect((await client.request("a.bin")).bytes).toEqual(data(1, content.subarray(0, 512)));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const last = clients.at(-1)!;
    for (let block = 1; block <= 5; block++) {
      await last.send(ack(block));
      await last.awaitBlock(block + 1);
    }
    await last.send(ack(6));
    expect(await strict.endOf(last)).toMatchObject({ outcome: "complete" });
    expect((await strict.tftp.snapshot()).transfers.length).toBeLessThan(4);
  });

  test("5,000 ACKs of old blocks, in over a second, draw a block at most once in 200 ms, and the transfer goes on", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    const begun = performance.now();
    for (let count = 0; count < 5_000 || performance.now() - begun < 1_000; count++) await client.send(ack(count % 2));
    const lastedMs = performance.now() - begun;
    let repeats = 0;
    while ((await client.receive(150).catch(() => undefined)) !== undefined) repeats++;
    expect(repeats).toBeLessThanOrEqual(lastedMs / 200 + 1);
    await client.send(ack(2));
    await client.awaitBlock(3);
  });

  test.each([
    ["ACKs", ack(1)],
    ["an ERROR", error(0, "stranger")],
    ["an empty datagram", Buffer.alloc(0)],
    ["a request", request("a.bin")],
  ])("%s from another TID move and end nothing", async (_what, bytes) => {
    const client = await server.client();
    const stranger = await server.client();
    const { from } = await client.request("a.bin");
    for (let count = 0; count < 50; count++) await stranger.send(bytes, from);
    await client.expectNothing();
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test.each([
    ["an empty datagram", Buffer.alloc(0)],
    ["one byte", Buffer.alloc(1)],
    ["an ACK without its number", Buffer.from([0, 4])],
    ["half of its number", Buffer.from([0, 4, 0])],
  ])("%s of the client's own moves nothing", async (_what, bytes) => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(bytes);
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test("of an option that stands twice one is granted, once", async () => {
    const client = await server.client();
    const options = [
      ["blksize", "1024"],
      ["BLKSIZE", "600"],
      ["tsize", "0"],
      ["tsize", "1"],
    ] as const;
    const { bytes } = await client.request("a.bin", { options });
    const granted = [oack(["blksize", "1024"], ["tsize", "3000"]), oack(["blksize", "600"], ["tsize", "3000"])];
    expect(granted.some((each) => each.equals(bytes))).toBe(true);
  });

  test("of 200 options those behind the 32nd are not read", async () => {
    const client = await server.client();
    const filler = Array.from({ length: 200 }, (_, index) => [`x${index % 10}`, ""] as const);
    const options = [["blksize", "1024"], ...filler, ["tsize", "0"]] as const;
    expect((await client.request("a.bin", { options })).bytes).toEqual(oack(["blksize", "1024"]));
  });

  test.each([
    ["blksize", "0"],
    ["blksize", "7"],
    ["windowsize", "0"],
    ["windowsize", "65536"],
    ["timeout", "0"],
    ["timeout", "256"],
    ["blksize", "-1"],
    ["blksize", "1e3"],
    ["windowsize", " 4"],
    ["timeout", "9007199254740993"],
  ])("%s %j is ignored: block 1, and no OACK", async (name, value) => {
    const client = await server.client();
    const reply = await client.request("a.bin", { options: [[name, value]] });
    expect(reply.bytes).toEqual(data(1, content.subarray(0, 512)));
  });

  test.each(["-1", "9007199254740993", "99999999999999999999"])("tsize %s draws the true size", async (value) => {
    const client = await server.client();
    expect((await client.request("a.bin", { options: [["tsize", value]] })).bytes).toEqual(oack(["tsize", "3000"]));
  });

  test("what stands behind the last NUL does not spoil a request", async () => {
    const client = await server.client();
    const reply = await client.request("a.bin", { options: [["blksize", "600"]], trailing: "garbage" });
    expect(reply.bytes).toEqual(oack(["blksize", "600"]));
  });

  test("a request from port 0, to which nothing can be sent, is dropped as malformed, and opens nothing", async () => {
    let arrive: ((bytes: Buffer) => void) | undefined;
    const opened: string[] = [];
    const handler = await openHandler(
      async (name) => {
        opened.push(name);
        throw new Error("opened");
      },
      {
        transport,
        wrapTransport: (sockets) => {
          const listen = sockets.listen.bind(sockets);
          sockets.listen = async (at, receiver) => {
            arrive = (bytes) => receiver.onRequest(bytes, { address: "127.0.0.1", port: 0 }, at);
            return await listen(at, receiver);
          };
          return sockets;
        },
      },
    );
    arrive?.(request("a.bin"));
    expect(handler.reported("dropped")).toMatchObject([{ reason: "malformed", client: { port: 0 } }]);
    expect(opened).toEqual([]);
  });
});
