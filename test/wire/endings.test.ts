import { describe, expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { ack, error } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("a client's ERROR", (transport) => {
  // Retransmissions come soon: one after the end would be seen.
  const server = sharedServer({ transport, retransmitMs: 60 }, { "a.bin": noise(5_000) });

  test("a client's ERROR ends the transfer at once, and no packet follows", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(error(3, "disk full"));
    expect(await server.endOf(client)).toMatchObject({
      outcome: "client-error",
      bytes: 0,
      error: { code: 3, text: "disk full" },
    });
    client.discard();
    await client.send(ack(1));
    await client.expectNothing(250);
  });

  test("a client's ERROR is kept and reported as 128 printable characters at most", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(error(0, `\u001b[2J${"x".repeat(60_000)}`));
    const { error: told } = await server.endOf(client);
    expect(told).toEqual({ code: 0, text: `?[2J${"x".repeat(124)}` });
  });

  test("a client's ERROR ends the transfer also right after an OACK", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["blksize", "1024"]] });
    await client.send(error(0, "closed"));
    expect(await server.endOf(client)).toMatchObject({ outcome: "client-error" });
    client.discard();
    await client.send(ack(0));
    await client.expectNothing(250);
  });

  test("a client's ERROR 0 after an OACK with tsize is a size query (Pi 3, Intel UNDI)", async () => {
    const client = await server.client();
    await client.request("a.bin", { options: [["tsize", "0"]] });
    await client.send(error(0, "TFTP Aborted"));
    expect(await server.endOf(client)).toMatchObject({ outcome: "size-query" });
    client.discard();
    await client.send(ack(0));
    await client.expectNothing(250);
  });

  test("a client's ERROR 8 after an OACK is a size query, and the same port may ask again", async () => {
    const client = await server.client();
    const options = [
      ["tsize", "0"],
      ["blksize", "1468"],
      ["windowsize", "4"],
    ] as const;
    await client.request("a.bin", { options });
    await client.send(error(8, "User aborted the transfer"));
    expect(await server.endOf(client)).toMatchObject({ outcome: "size-query" });
    client.discard();
    await client.expectNothing(250);
    client.peer = server.wellKnown;
    expect(await client.ask("a.bin", { options: options.slice(1) })).toMatchObject({ kind: "oack" });
  });

  test("a client's ERROR without text or NUL, or with its code cut off, ends the transfer too", async () => {
    for (const bytes of [Buffer.from([0, 5, 0, 0]), Buffer.from([0, 5]), Buffer.from("\0\x05\0\0text")]) {
      const client = await server.client();
      await client.request("a.bin");
      await client.send(bytes);
      expect(await server.endOf(client)).toMatchObject({ outcome: "client-error" });
    }
  });
});

describeOnEachTransport("a client that is gone", (transport) => {
  const server = sharedServer({ transport, retransmitMs: 100, maxRetries: 8 }, { "a.bin": noise(5_000) });

  // The kernel answers for the closed port (ICMP), and tells a connected socket of it.
  describe.skipIf(process.platform !== "linux")("by ICMP", () => {
    test("a closed client port (ICMP) ends the transfer as soon as a block is refused, long before the last retry", async () => {
      const client = await server.client();
      await client.request("a.bin");
      await client.send(ack(1));
      const { port } = client;
      client.close();
      const event = await endOfPort(port);
      expect(event).toMatchObject({ outcome: "client-error" });
      expect(event?.error?.code).toBeUndefined();
      expect(event?.retransmissions).toBeLessThan(3);
    });

    test("a closed client port (ICMP) ends the transfer also if the OACK is refused", async () => {
      const client = await server.client();
      await client.request("a.bin", { options: [["tsize", "0"]] });
      const { port } = client;
      client.close();
      expect(await endOfPort(port)).toMatchObject({ outcome: "client-error" });
    });
  });

  async function endOfPort(port: number): Promise<(typeof server.ended)[number] | undefined> {
    const find = (): (typeof server.ended)[number] | undefined => server.ended.find((e) => e.client.port === port);
    await expect.poll(find).toBeDefined();
    return find();
  }
});
