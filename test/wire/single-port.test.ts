import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { expectFree } from "../helpers/expect-free.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, error, opcode, request } from "../helpers/raw-packets.ts";
import { sharedServer, startServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport, transports } from "../helpers/raw-transports.ts";
import { unreadSocket } from "../helpers/unread-socket.ts";

const files = { "a.bin": noise(3_000), "b.bin": noise(2_000), "big.bin": noise(300_000) };
const ports = "single";
const hasIpv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
/** On a busy machine, too. */
const patient = { timeout: 20_000 };

/** The first time that it comes. */
const everySeventh = (block: number, arrival: number): boolean => block % 7 === 0 && arrival === 1;

describeOnEachTransport("one port for all transfers", (transport) => {
  const server = sharedServer({ transport, ports }, files);

  /** A transfer that the client has acknowledged something of. */
  async function running(at: TestServer = server): Promise<RawClient> {
    const client = await at.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    return client;
  }

  const shapes = [
    { options: [] },
    {
      options: [
        ["blksize", "1428"],
        ["windowsize", "4"],
      ],
    },
    {
      options: [
        ["blksize", "512"],
        ["windowsize", "64"],
      ],
    },
    { options: [["blksize", "65464"]] },
  ] as const;
  test.each(shapes)("transfers at once leave from the well-known port, and arrive whole: $options", async (shape) => {
    const clients = await Promise.all([1, 2, 3, 4, 5].map(() => server.client()));
    const downloads = await Promise.all(clients.map((client) => download(client, "big.bin", shape)));
    for (const { content } of downloads) expect(content.equals(files["big.bin"])).toBe(true);
    expect(clients.map(({ peer }) => peer.port)).toEqual(clients.map(() => server.wellKnown.port));
    for (const client of clients) expect(await server.endOf(client)).toMatchObject({ outcome: "complete" });
  });

  test("lost windows are repaired", async () => {
    const options = [["windowsize", "16"]] as const;
    const { content } = await download(await server.client(), "big.bin", { options, loses: everySeventh });
    expect(content.equals(files["big.bin"])).toBe(true);
  });

  test("an ACK from another port does not move the transfer; it draws nothing, and is counted", async () => {
    const client = await running();
    const stranger = await server.client();
    const before = (await server.counters()).dropped["no-transfer"];
    await stranger.send(ack(2));
    await stranger.send(error(0));
    await expect.poll(async () => (await server.counters()).dropped["no-transfer"]).toBe(before + 2);
    await stranger.expectNothing();
    await client.expectNothing();
    await client.send(ack(2));
    await client.expectBlocks(3);
  });

  test("a repeat of a request without any ACK draws no second transfer", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(request("a.bin"));
    await server.settle();
    expect(await server.running(client)).toBe(1);
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test.each([
    ["for the same file", request("a.bin")],
    ["for another file", request("b.bin")],
    ["for a missing file", request("missing")],
    ["to write", request("a.bin", { opcode: opcode.wrq })],
    ["of no form", Buffer.from("\0\u0001x")],
  ])("a request %s from the port of a transfer that goes on draws nothing, and is counted", async (_what, datagram) => {
    const client = await running();
    const before = (await server.counters()).dropped["port-busy"];
    await client.send(datagram);
    await expect.poll(async () => (await server.counters()).dropped["port-busy"]).toBe(before + 1);
    await client.expectNothing();
    for (const block of [2, 3, 4, 5]) {
      await client.send(ack(block));
      await client.expectBlocks(block + 1);
    }
  });

  test.each(["a.bin", "b.bin"])("after a second of silence a request for %s gets the port", async (file) => {
    const client = await running();
    await client.expectNothing(1_100);
    await client.send(request(file));
    await client.expectBlocks(1);
    expect(await server.endOf(client)).toMatchObject({ file: "a.bin", outcome: "replaced" });
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test("a request for the next file is answered at once if only the last ACK is missing", async () => {
    const client = await running();
    for (const block of [2, 3, 4, 5]) {
      await client.send(ack(block));
      await client.expectBlocks(block + 1);
    }
    await client.send(request("b.bin"));
    const [first] = await client.expectBlocks(1);
    expect(first).toEqual(files["b.bin"].subarray(0, 512));
  });

  test("a request for another file is answered at once if nothing was acknowledged", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(request("b.bin"));
    const [first] = await client.expectBlocks(1);
    expect(first).toEqual(files["b.bin"].subarray(0, 512));
    await client.send(ack(1));
    const [second] = await client.expectBlocks(2);
    expect(second).toEqual(files["b.bin"].subarray(512, 1_024));
  });

  test("a client port is free again after its transfer", async () => {
    const client = await server.client();
    for (const file of ["a.bin", "b.bin", "a.bin"] as const) {
      expect((await download(client, file)).content).toEqual(files[file]);
    }
  });

  test("a client's ERROR ends its transfer, and no other", async () => {
    const [client, other] = [await running(), await running()];
    await client.send(error(3, "disk full"));
    expect(await server.endOf(client)).toMatchObject({
      outcome: "client-error",
      error: { code: 3, text: "disk full" },
    });
    await other.send(ack(2));
    await other.expectBlocks(3);
  });

  test("a transfer that runs at the stop may end, a new request draws nothing, and then the port is free", async () => {
    const own = await startServer({ transport, ports }, files);
    const [client, late] = [await running(own), await own.client()];
    const stopping = own.tftp.stop({ graceMs: 60_000 });
    // Calls arrive in their order: the thread has taken the stop when it answers.
    await own.counters();
    for (const block of [2, 3, 4, 5]) {
      await client.send(ack(block));
      await client.awaitBlock(block + 1);
    }
    await late.send(request("a.bin"));
    await late.expectNothing();
    await client.send(ack(6));
    await stopping;
    expect(await own.endOf(client)).toMatchObject({ outcome: "complete" });
    await expectFree(own.wellKnown.port);
  });

  test("the client of a transfer that outlasts the grace gets an ERROR from the well-known port", async () => {
    const own = await startServer({ transport, ports }, files);
    const client = await running(own);
    await own.tftp.stop({ graceMs: 0 });
    const { bytes, from } = await client.receive();
    expect(bytes).toEqual(error(0, "Server stopped"));
    expect(from).toEqual(own.wellKnown);
    await expectFree(own.wellKnown.port);
  });

  test("a change of ports holds for the next request; a running transfer keeps the well-known port", async () => {
    const own = await startServer({ transport, ports }, files);
    const client = await running(own);
    await own.tftp.reconfigure({ ports: "own" });
    const next = await own.client();
    expect((await next.request("a.bin")).from.port).not.toBe(own.wellKnown.port);
    await client.send(request("missing"));
    await expect.poll(async () => (await own.counters()).dropped["port-busy"]).toBe(1);
    await client.send(ack(2));
    await client.expectBlocks(3);
    await own.tftp.reconfigure({ ports });
    await next.send(ack(1));
    await next.expectBlocks(2);
    expect((await (await own.client()).request("a.bin")).from).toEqual(own.wellKnown);
  });

  test("a probe is answered", async () => {
    await expect(server.tftp.probe({ timeoutMs: 60_000 })).resolves.toBeDefined();
  });
});

describeOnEachTransport("one port of several addresses", (transport) => {
  test.each(hasIpv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"])(
    "bound to %s, each address answers from itself",
    async (host) => {
      const server = await startServer({ transport, ports, host }, files);
      const { port } = server.wellKnown;
      for (const address of host === "::" ? ["::1", "127.0.0.1"] : ["127.0.0.1"]) {
        const client = await RawClient.open({ address, port });
        const options = [["windowsize", "8"]] as const;
        const { content } = await download(client, "big.bin", { options });
        expect(content.equals(files["big.bin"])).toBe(true);
        expect(client.peer).toEqual({ address, port });
        await expect
          .poll(() => server.ended.at(-1), patient)
          .toMatchObject({ outcome: "complete", client: { address } });
        server.ended.length = 0;
      }
    },
  );

  test.runIf(transport === "native")("a client port has a transfer with each address at once", async () => {
    const server = await startServer({ transport, ports, host: "0.0.0.0" }, files);
    const client = await RawClient.open({ address: "127.0.0.1", port: server.wellKnown.port });
    const other = { address: "127.0.0.2", port: server.wellKnown.port };
    const { from } = await client.request("a.bin");
    await client.send(request("b.bin"), other);
    expect((await client.receive()).from).toEqual(other);
    await client.send(ack(1), from);
    const reply = await client.receive();
    expect(reply.from).toEqual(from);
    expect(reply.bytes.subarray(4)).toEqual(files["a.bin"].subarray(512, 1_024));
  });

  test.runIf(transports.includes("native")).each(["127.0.0.1", "0.0.0.0"])(
    "an inherited socket that is bound to %s serves all transfers",
    async (address) => {
      const { descriptor, port } = await unreadSocket(address);
      const server = await startServer({ transport, ports, socketFd: descriptor }, files);
      const client = await RawClient.open({ address: "127.0.0.1", port });
      expect((await download(client, "big.bin", { options: [["windowsize", "8"]] })).content).toEqual(files["big.bin"]);
      expect(client.peer.port).toBe(port);
      await server.tftp.stop();
    },
  );
});
