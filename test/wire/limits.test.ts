import { expect, test } from "vitest";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { ack, error, request } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(600) };

/** A transfer that the client has acknowledged something of: it keeps its place. */
async function prove(client: RawClient): Promise<void> {
  await client.request("a.bin");
  await client.send(ack(1));
  // Block 1 may come again before its ACK.
  await client.awaitBlock(2);
}

describeOnEachTransport("maxTransfers", (transport) => {
  const server = sharedServer({ transport, maxTransfers: 2 }, files);

  test("a request over the limit of acknowledged transfers draws nothing, is counted, and is served when asked again later", async () => {
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    await prove(first);
    await prove(second);
    await third.send(request("a.bin"));
    await third.expectNothing();
    await expect.poll(async () => (await server.counters()).dropped["over-limit"]).toBe(1);
    expect(await server.running(third)).toBe(0);

    await first.send(ack(2));
    await server.endOf(first);
    await third.send(request("a.bin"));
    await third.expectBlocks(1);
  });

  test("a request over the limit evicts the transfer that has been without any ACK for the longest, and no other", async () => {
    const small = await startServer({ transport, maxTransfers: 3 }, files);
    const [proved, oldest, newer, late] = await Promise.all([1, 2, 3, 4].map(() => small.client()));
    if (!proved || !oldest || !newer || !late) throw new Error("no clients");
    await prove(proved);
    const { from } = await oldest.request("a.bin");
    await newer.request("a.bin");
    await late.request("a.bin");
    expect(await small.endOf(oldest)).toMatchObject({ outcome: "evicted", bytes: 0 });
    expect((await small.counters()).transfers.evicted).toBe(1);
    await oldest.send(ack(1), from);
    await oldest.expectNothing();
    for (const client of [newer, late]) {
      await client.send(ack(1));
      await client.expectBlocks(2);
    }
    await proved.send(ack(2));
    expect(await small.endOf(proved)).toMatchObject({ outcome: "complete" });
  });

  test("a request that is refused, or dropped over the limit, evicts nothing", async () => {
    const small = await startServer({ transport, maxTransfers: 1 }, files);
    const client = await small.client();
    await client.request("a.bin");
    const other = await small.client();
    await other.ask("..");
    await other.send(request("a.bin", { mode: "mail" }), small.wellKnown);
    expect(await other.receivePacket()).toMatchObject({ kind: "error", code: 4 });
    await client.send(ack(1));
    await client.expectBlocks(2);
    await other.send(request("a.bin"), small.wellKnown);
    await expect.poll(async () => (await small.counters()).dropped["over-limit"]).toBe(1);
    await client.send(ack(2));
    expect(await small.endOf(client)).toMatchObject({ outcome: "complete" });
  });
});

describeOnEachTransport("maxTransfersPerClient", (transport) => {
  const server = sharedServer({ transport, maxTransfersPerClient: 2 }, files);

  test("a client at its limit evicts a transfer of its own that it has not acknowledged", async () => {
    const [first, second] = [await server.client(), await server.client()];
    await prove(first);
    await second.request("a.bin");
    const third = await server.client();
    await third.request("a.bin");
    expect(await server.endOf(second)).toMatchObject({ outcome: "evicted" });
    for (const client of [first, third]) {
      await client.send(error(0));
      await server.endOf(client);
    }
  });

  // Other loopback addresses than 127.0.0.1 are there without setup on Linux only.
  test.skipIf(process.platform !== "linux")("one client at its limit does not keep another one out", async () => {
    const [first, second, third] = [await server.client(), await server.client(), await server.client()];
    await prove(first);
    await prove(second);
    await third.send(request("a.bin"));
    await third.expectNothing();
    await expect.poll(async () => (await server.counters()).dropped["over-limit"]).toBe(1);
    const elsewhere = await server.client({ address: "127.0.0.2" });
    await elsewhere.send(request("a.bin"));
    await elsewhere.expectBlocks(1);
  });
});

describeOnEachTransport("maxSilenceMs", (transport) => {
  const server = sharedServer(
    { transport, maxSilenceMs: 1_000, retransmitMs: 100, maxRetries: 100 },
    { "a.bin": noise(5_000) },
  );

  test.each([
    ["says nothing more", undefined],
    ["repeats its last ACK on and on", ack(1)],
    ["acknowledges blocks that were never sent", ack(60_000)],
  ])("a client that %s is given up after maxSilenceMs", async (_, again) => {
    const client = await server.client();
    await prove(client);
    const begun = performance.now();
    const repeating = setInterval(() => void (again && client.send(again)), 20);
    try {
      expect(await server.endOf(client)).toMatchObject({ outcome: "timed-out" });
    } finally {
      clearInterval(repeating);
    }
    expect(performance.now() - begun).toBeGreaterThan(900);
  });
});
