import { expect, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, data, oack, request } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("repeated requests", (transport) => {
  const content = noise(2_000);
  const other = noise(2_000, 2);
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`ten/${index}`, `ten/${index}`]));
  const server = sharedServer({ transport }, { "a.bin": content, "b.bin": other, ...ten });

  test("a retransmitted request draws no second transfer", async () => {
    const client = await server.client();
    const first = await client.request("a.bin");
    await client.send(request("a.bin"), server.wellKnown);
    await client.expectNothing();
    expect(await server.running(client)).toBe(1);
    await client.send(ack(1), first.from);
    expect((await client.receive()).bytes).toEqual(data(2, content.subarray(512, 1_024)));
  });

  test("a retransmitted request with an OACK outstanding draws no second transfer", async () => {
    const client = await server.client();
    const shape = { options: [["blksize", "1024"] as const] };
    const first = await client.request("a.bin", shape);
    await client.send(request("a.bin", shape), server.wellKnown);
    await client.expectNothing();
    await client.send(ack(0), first.from);
    expect((await client.receive()).bytes).toEqual(data(1, content.subarray(0, 1_024)));
  });

  test("three requests at once from one port, as iPXE with e1000 sends them, draw one transfer", async () => {
    const client = await server.client();
    await server.settle();
    const before = (await server.counters()).dropped.duplicate;
    const shape = { options: [["blksize", "1432"] as const, ["tsize", "0"] as const] };
    await Promise.all([1, 2, 3].map(() => client.send(request("a.bin", shape))));
    const reply = await client.receive();
    expect(reply.bytes).toEqual(oack(["blksize", "1432"], ["tsize", "2000"]));
    await client.expectNothing();
    expect(await server.running(client)).toBe(1);
    await server.settle();
    expect((await server.counters()).dropped.duplicate).toBe(before + 2);
  });

  test("a request that comes again after an ACK does not disturb the transfer: it may just be late", async () => {
    const client = await server.client();
    const first = await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    await client.send(request("a.bin"), server.wellKnown);
    const second = await client.receive();
    expect(second.bytes).toEqual(first.bytes);
    await client.send(ack(2), first.from);
    await client.expectBlocks(3);
  });

  test("a client that asks again after an ACK, and answers the new transfer, ends the old one", async () => {
    const client = await server.client();
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    client.peer = server.wellKnown;
    await client.request("a.bin");
    await client.send(ack(1));
    await client.expectBlocks(2);
    expect(await server.endOf(client)).toMatchObject({ outcome: "replaced", bytes: 512 });
    expect(await server.running(client)).toBe(1);
  });

  test("a request for another file from the same port replaces the transfer once it is acknowledged, not before", async () => {
    const client = await server.client();
    const first = await client.request("a.bin");
    await client.send(ack(1), first.from);
    await client.expectBlocks(2);
    await client.send(request("b.bin"), server.wellKnown);
    const second = await client.receive();
    expect(second.bytes).toEqual(data(1, other.subarray(0, 512)));
    expect(second.from.port).not.toBe(first.from.port);
    await client.send(ack(2), first.from);
    await client.expectBlocks(3);
    expect(await server.running(client)).toBe(2);
    await client.send(ack(1), second.from);
    await client.expectBlocks(2);
    expect(await server.endOf(client)).toMatchObject({ file: "a.bin", outcome: "replaced" });
    await client.send(ack(3), first.from);
    await client.expectNothing();
  });

  test("the same file with other options from the same port is another request", async () => {
    const client = await server.client();
    const first = await client.request("a.bin", { options: [["tsize", "0"]] });
    await client.send(ack(0));
    await client.expectBlocks(1);
    await client.send(request("a.bin", { options: [["blksize", "600"]] }), server.wellKnown);
    const second = await client.receive();
    expect(second.bytes).toEqual(oack(["blksize", "600"]));
    await client.send(ack(1), first.from);
    await client.expectBlocks(2);
    await client.send(ack(0), second.from);
    await client.expectBlocks(1);
    expect(await server.endOf(client)).toMatchObject({ outcome: "replaced" });
    expect(await server.running(client)).toBe(1);
  });

  test.each([
    ["missing", "none.bin", "octet", 1],
    ["outside the root", "../x", "octet", 2],
    ["in a mode that is not served", "a.bin", "mail", 4],
  ])(
    "a request for a file that is refused (%s) does not touch the transfer of the same port",
    async (_, file, mode, code) => {
      const client = await server.client();
      const first = await client.request("a.bin");
      await client.send(request(file, { mode }), server.wellKnown);
      expect(await client.receivePacket()).toMatchObject({ kind: "error", code });
      await client.send(ack(1), first.from);
      await client.expectBlocks(2);
      await client.send(request(file, { mode }), server.wellKnown);
      expect(await client.receivePacket()).toMatchObject({ kind: "error", code });
      await client.send(ack(2), first.from);
      await client.expectBlocks(3);
    },
  );

  test("ten requests for ten names from one port in quick succession get ten answers", async () => {
    const client = await server.client();
    const names = Array.from({ length: 10 }, (_, index) => `ten/${index}`);
    await Promise.all(names.map((name) => client.send(request(name))));
    const answers = new Map<string, number>();
    for (const _ of names) {
      const { bytes, from } = await client.receive();
      answers.set(bytes.toString("latin1", 4), from.port);
    }
    expect([...answers.keys()].toSorted()).toEqual(names);
    expect(new Set(answers.values()).size).toBe(10);
    expect(await server.running(client)).toBe(10);
  });

  test("a request that is repeated after its transfer has fallen silent is answered at once, each time", async () => {
    const impatient = await startServer({ transport, retransmitMs: 20 }, { "a.bin": content });
    const client = await impatient.client();
    const first = await client.request("a.bin");
    // Three retransmissions; then a session without any ACK says nothing more by itself.
    for (let count = 0; count < 3; count++) expect((await client.receive()).bytes).toEqual(first.bytes);
    await client.expectNothing(500);
    for (let repeat = 0; repeat < 2; repeat++) {
      await client.send(request("a.bin"), impatient.wellKnown);
      expect(await client.receive(1_000)).toMatchObject({ bytes: first.bytes, from: first.from });
      await client.expectNothing(300);
    }
    expect((await impatient.counters()).requests).toBe(1);
    await client.send(ack(1), first.from);
    await client.expectBlocks(2);
  });

  test("a request with a long negotiated timeout is answered when it is repeated", async () => {
    const client = await server.client();
    const shape = { options: [["timeout", "255"] as const] };
    const first = await client.request("a.bin", shape);
    await client.expectNothing(250);
    await client.send(request("a.bin", shape), server.wellKnown);
    expect(await client.receive(1_000)).toMatchObject({ bytes: first.bytes, from: first.from });
  });

  test("a port may be used again as soon as its transfer has ended", async () => {
    const client = await server.client();
    for (let round = 0; round < 10; round++) {
      client.peer = server.wellKnown;
      expect((await download(client, "a.bin")).content).toEqual(content);
    }
    const ends = (): string[] => server.ended.filter((e) => e.client.port === client.port).map((e) => e.outcome);
    await expect.poll(ends).toEqual(Array.from({ length: 10 }, () => "complete"));
  });
});
