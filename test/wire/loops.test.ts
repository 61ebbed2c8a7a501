import { expect, test } from "vitest";
import { ack, data, error, oack } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

// CVE-2024-2169: two servers that answer errors with errors keep each other busy for good.
describeOnEachTransport("reply loops", (transport) => {
  const server = sharedServer({ transport }, { "hello.txt": "hello\n" });

  const replies: readonly (readonly [title: string, bytes: Buffer])[] = [
    ["an ERROR", error(0, "boom")],
    ["an ERROR without its text", Buffer.from([0, 5])],
    ["an ERROR with code 4", error(4, "Illegal TFTP operation")],
    ["an ACK", ack(0)],
    ["an ACK of a later block", ack(7)],
    ["a DATA packet", data(1, "data")],
    ["a DATA packet of 512 bytes", data(1, Buffer.alloc(512))],
    ["an OACK", oack(["blksize", "512"])],
  ];

  test.each(replies)("%s on the well-known port draws nothing, and is counted as a loop", async (_, bytes) => {
    const client = await server.client();
    const before = (await server.counters()).dropped.loop;
    await client.send(bytes);
    await client.expectNothing();
    await server.settle();
    expect((await server.counters()).dropped.loop).toBe(before + 1);
  });

  test.each([0, 7, 8, 256, 257, 0x0101, 0x7fff, 0xffff])(
    "opcode %i draws nothing, and is counted as unknown",
    async (code) => {
      const client = await server.client();
      const before = (await server.counters()).dropped["unknown-opcode"];
      const bytes = Buffer.from("..hello.txt\0octet\0");
      bytes.writeUInt16BE(code);
      await client.send(bytes);
      await client.expectNothing();
      await server.settle();
      expect((await server.counters()).dropped["unknown-opcode"]).toBe(before + 1);
    },
  );

  test("a thousand ERRORs draw nothing, and the next request is served", async () => {
    const client = await server.client();
    const before = (await server.counters()).dropped.loop;
    for (let sent = 0; sent < 1_000; sent += 50) {
      await Promise.all(Array.from({ length: 50 }, () => client.send(error(0, "loop"))));
      await expect.poll(async () => (await server.counters()).dropped.loop).toBe(before + sent + 50);
    }
    await client.expectNothing();
    expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello\n"));
  });
});
