import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { freeRange } from "../helpers/free-range.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import type { RawClient } from "../helpers/raw-client.ts";
import { startServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(1_200) };
/** An address of this test's own: what other programs have open is elsewhere. */
const host = "127.69.3.16";
const noFreePort = { kind: "error", code: 0, text: "No free port for this transfer" };

describeOnEachTransport("a range of ports", (transport) => {
  const open = async (ports: { from: number; to: number }): Promise<TestServer> =>
    startServer({ transport, ports, host, maxTransfersPerClient: 16 }, files);

  test("transfers leave from ports of the range, each from its own, and the range can be used again", async () => {
    const ports = await freeRange(host, 2);
    const server = await open(ports);
    for (let round = 0; round < 3; round++) {
      const clients = [await server.client(), await server.client()] as const;
      const from = [];
      for (const client of clients) from.push((await client.request("a.bin")).from.port);
      expect(from.toSorted((a, b) => a - b)).toEqual([ports.from, ports.to]);
      for (const client of clients) {
        await client.send(ack(1));
        await client.expectBlocks(2);
        await client.send(ack(2));
        await client.expectBlocks(3);
        await client.send(ack(3));
        expect(await server.endOf(client)).toMatchObject({ outcome: "complete" });
      }
    }
  });

  test("if acknowledged transfers have the whole range, a request gets an ERROR that says so, and is counted", async () => {
    const server = await open(await freeRange(host, 2));
    const clients = [await server.client(), await server.client()] as const;
    for (const client of clients) {
      await client.request("a.bin");
      await client.send(ack(1));
      await client.expectBlocks(2);
    }
    expect(await (await server.client()).ask("a.bin")).toMatchObject(noFreePort);
    await expect.poll(() => server.refused).toMatchObject([{ reason: "no-free-port", file: "a.bin", errorCode: 0 }]);
    expect((await server.counters()).refused["no-free-port"]).toBe(1);
    for (const client of clients) {
      await client.send(ack(2));
      await client.expectBlocks(3);
    }
  });

  test("a request takes the port of the transfer that has been without any ACK for the longest", async () => {
    const server = await open(await freeRange(host, 2));
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    const { from } = await first.request("a.bin");
    await second.request("a.bin");
    expect((await third.request("a.bin")).from).toEqual(from);
    expect(await server.endOf(first)).toMatchObject({ outcome: "evicted" });
    await second.send(ack(1));
    await second.expectBlocks(2);
  });

  test("of the transfers without an ACK one whose request was repeated is taken the port of last", async () => {
    const server = await open(await freeRange(host, 2));
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    await first.request("a.bin");
    await second.request("a.bin");
    await first.send(request("a.bin"), server.wellKnown);
    await expect.poll(async () => (await server.counters()).dropped.duplicate).toBe(1);
    await third.request("a.bin");
    expect(await server.endOf(second)).toMatchObject({ outcome: "evicted" });
    await first.send(ack(1));
    await first.awaitBlock(2);
  });

  test("requests in one burst evict each other: none is refused, and as many transfers are left as there are ports", async () => {
    const server = await open(await freeRange(host, 2));
    let clients: RawClient[] = [];
    for (let round = 1; round <= 2; round++) {
      clients = await Promise.all(Array.from({ length: 8 }, () => server.client()));
      await Promise.all(clients.map((client) => client.send(request("a.bin"), server.wellKnown)));
      const evicted = async (): Promise<number> => {
        const { dropped, transfers } = await server.counters();
        return dropped["over-limit"] + transfers.evicted;
      };
      await expect.poll(evicted, { timeout: 20_000 }).toBe(8 * round - 2);
      await expect.poll(async () => (await server.tftp.snapshot()).transfers.length).toBe(2);
    }
    expect(server.refused).toEqual([]);
    const { transfers } = await server.tftp.snapshot();
    for (const { client: left } of transfers) await clients.find(({ port }) => port === left.port)?.awaitBlock(1);
  });

  test("a request for a file that is not there takes no port from any transfer", async () => {
    const server = await open(await freeRange(host, 1));
    const client = await server.client();
    await client.request("a.bin");
    expect(await (await server.client()).ask("missing")).toMatchObject({ kind: "error", code: 1 });
    await client.send(ack(1));
    await client.expectBlocks(2);
  });

  test("if acknowledged transfers have the whole range, each request of a burst is refused, and none is evicted", async () => {
    const server = await open(await freeRange(host, 2));
    for (let held = 0; held < 2; held++) {
      const client = await server.client();
      await client.request("a.bin");
      await client.send(ack(1));
      await client.expectBlocks(2);
    }
    const clients = await Promise.all(Array.from({ length: 4 }, () => server.client()));
    const answers = await Promise.all(clients.map((client) => client.ask("a.bin")));
    for (const answer of answers) expect(answer).toMatchObject(noFreePort);
    expect(server.ended).toEqual([]);
  });

  test("a port that another program has is passed over; if it has all, the refusal says why", async () => {
    const ports = await freeRange(host, 2);
    const other = createSocket("udp4");
    other.bind({ address: host, port: ports.from, exclusive: true });
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const server = await open(ports);
    for (let round = 0; round < 4; round++) {
      const client = await server.client();
      expect((await download(client, "a.bin")).content).toEqual(files["a.bin"]);
      expect(client.peer.port).toBe(ports.to);
    }
    await server.tftp.reconfigure({ ports: { from: ports.from, to: ports.from } });
    expect(await (await server.client()).ask("a.bin")).toMatchObject(noFreePort);
    await expect.poll(() => server.refused).toMatchObject([{ cause: { code: "EADDRINUSE" } }]);
  });

  test("a range that is configured anew holds for the next request; a running transfer keeps its port", async () => {
    const [before, after] = [await freeRange(host, 1), await freeRange(host, 1)];
    const server = await open(before);
    const running = await server.client();
    expect((await running.request("a.bin")).from.port).toBe(before.from);
    await running.send(ack(1));
    await running.expectBlocks(2);
    await server.tftp.reconfigure({ ports: after });
    expect((await (await server.client()).request("a.bin")).from.port).toBe(after.from);
    await server.tftp.reconfigure({ ports: "own" });
    const own = await (await server.client()).request("a.bin");
    expect([before.from, after.from, server.wellKnown.port]).not.toContain(own.from.port);
    await running.send(ack(2));
    await running.expectBlocks(3);
  });

  test("a repeated request does not take a second port", async () => {
    const server = await open(await freeRange(host, 1));
    const client = await server.client();
    const { from } = await client.request("a.bin");
    await client.send(request("a.bin"), server.wellKnown);
    await expect.poll(async () => (await server.counters()).dropped.duplicate).toBe(1);
    await client.send(ack(1), from);
    await client.expectBlocks(2);
  });
});
