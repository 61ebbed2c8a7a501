import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openSockets } from "../helpers/open-handles.ts";
import type { RawClient } from "../helpers/raw-client.ts";
import { data, decode, opcode, request } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const malformed: readonly (readonly [title: string, bytes: Buffer])[] = [
  ["an empty datagram", Buffer.alloc(0)],
  ["a single byte", Buffer.from([0])],
  ["an opcode alone", Buffer.from([0, opcode.rrq])],
  ["a name without its NUL", Buffer.from("\0\x01hello.txt")],
  ["a name without a mode", Buffer.from("\0\x01hello.txt\0")],
  ["a mode without its NUL", Buffer.from("\0\x01hello.txt\0octet")],
  ["an empty name", request("")],
  ["an empty name and no mode", Buffer.from([0, opcode.rrq, 0])],
  ["1,401 bytes of name", request("x".repeat(1_401 - 9))],
  ["1,401 bytes with options", request("hello.txt", { options: [["filler", "x".repeat(1_401 - 26)]] })],
  ["65,507 bytes without a NUL", Buffer.concat([Buffer.from([0, opcode.rrq]), Buffer.alloc(65_505, "x")])],
  ["65,507 bytes of NULs", Buffer.concat([Buffer.from([0, opcode.rrq]), Buffer.alloc(65_505)])],
];

describeOnEachTransport("requests", (transport) => {
  const server = sharedServer({ transport }, { "hello.txt": "hello\n" });

  test("a read request without options is answered by block 1, from a port of the transfer's own", async () => {
    const client = await server.client();
    const reply = await client.request("hello.txt");
    expect(reply.bytes).toEqual(data(1, "hello\n"));
    expect(reply.from.address).toBe("127.0.0.1");
    expect(reply.from.port).not.toBe(server.wellKnown.port);
  });

  test.each(["octet", "OCTET", "OcTeT", "netascii", "NETASCII", "nEtAsCiI"])(
    "a request in mode %s is served",
    async (mode) => {
      const client = await server.client();
      expect(await client.ask("hello.txt", { mode })).toMatchObject({ kind: "data", block: 1 });
    },
  );

  test.each(["mail", "MAIL", "binary", "octets", "image", "", "o\u00e9tet"])(
    "a request in mode %j draws ERROR 4",
    async (mode) => {
      const client = await server.client();
      expect(await client.ask("hello.txt", { mode })).toMatchObject({ kind: "error", code: 4, terminated: true });
      expect(await server.running(client)).toBe(0);
    },
  );

  test("a request of exactly 1,400 bytes is served", async () => {
    const client = await server.client();
    const bytes = request("hello.txt", { options: [["filler", "x".repeat(1_400 - 26)]] });
    expect(bytes).toHaveLength(1_400);
    await client.send(bytes);
    expect((await client.receive()).bytes).toEqual(data(1, "hello\n"));
  });
});

describeOnEachTransport("a malformed request", (transport) => {
  // No transfer ever runs here: none can open or close a socket meanwhile.
  const server = sharedServer({ transport }, { "hello.txt": "hello\n" });
  let idle = 0;
  beforeAll(() => (idle = openSockets()));

  test.each(malformed)("a malformed request, %s, draws ERROR 4 or nothing, and holds nothing", async (_, bytes) => {
    // The client of the test before may not have closed its socket yet.
    await expect.poll(openSockets).toBe(idle);
    const client = await server.client();
    await client.send(bytes);
    await expectErrorFourOrNothing(client);
    expect(await server.running(client)).toBe(0);
    await expect.poll(openSockets).toBe(idle + 1);
  });

  test("a malformed request does not keep the next sound one from being served", async () => {
    const fresh = await startServer({ transport }, { "hello.txt": "hello\n" });
    const client = await fresh.client();
    for (const [, bytes] of malformed) await client.send(bytes);
    const other = await fresh.client();
    expect((await other.request("hello.txt")).bytes).toEqual(data(1, "hello\n"));
  });

  test("a malformed request is counted", async () => {
    const fresh = await startServer({ transport });
    const client = await fresh.client();
    for (const [, bytes] of malformed) await client.send(bytes);
    await fresh.settle();
    const { dropped, refused } = await fresh.counters();
    expect(dropped.malformed + refused["bad-request"]).toBe(malformed.length);
  });
});

describeOnEachTransport("write requests", (transport) => {
  const server = sharedServer({ transport }, { "hello.txt": "hello\n", "sub/deep.txt": "deep\n" });

  test.each(["new.txt", "hello.txt", "sub/new.txt", "sub", "../outside.txt"])(
    "a write request for %s draws ERROR 2, and nothing is created or touched",
    async (name) => {
      const before = statSync(join(server.root, "hello.txt"), { bigint: true });
      const client = await server.client();
      const reply = await client.ask(name, { opcode: opcode.wrq });
      expect(reply).toMatchObject({ kind: "error", code: 2, terminated: true });
      await client.send(data(1, "written by a stranger"));
      await client.expectNothing();
      expect(readdirSync(join(server.root, ".."), { recursive: true }).map(String).sort()).toEqual(
        ["root", "root/hello.txt", "root/sub", "root/sub/deep.txt"].map((path) => join(path)),
      );
      expect(readFileSync(join(server.root, "hello.txt"), "utf8")).toBe("hello\n");
      expect(statSync(join(server.root, "hello.txt"), { bigint: true }).mtimeNs).toBe(before.mtimeNs);
    },
  );

  test("a write request with options draws no OACK", async () => {
    const client = await server.client();
    const shape = { opcode: opcode.wrq, options: [["tsize", "9"] as const, ["blksize", "1024"] as const] };
    expect(await client.ask("new.txt", shape)).toMatchObject({ kind: "error", code: 2 });
  });

  test("write requests are counted as refused", async () => {
    const before = (await server.counters()).refused["read-only"];
    const client = await server.client();
    await client.ask("new.txt", { opcode: opcode.wrq });
    expect((await server.counters()).refused["read-only"]).toBe(before + 1);
  });
});

async function expectErrorFourOrNothing(client: RawClient): Promise<void> {
  const reply = await client.receive(120).catch(() => undefined);
  if (reply === undefined) return;
  expect(decode(reply.bytes)).toMatchObject({ kind: "error", code: 4, terminated: true });
  await client.expectNothing();
}
