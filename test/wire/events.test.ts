import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { TftpEvent, TftpEventOf, TftpEventType } from "../../src/contract/events/events.ts";
import type { DropReason, RefusalReason } from "../../src/contract/events/outcomes.ts";
import type { TftpOptions } from "../../src/index.ts";
import type { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, error, request } from "../helpers/raw-packets.ts";
import { sharedServer, TestServer } from "../helpers/raw-server.ts";
import { usualTransport } from "../helpers/raw-transports.ts";

const files = { "board 1/zImage": noise(5_000), "big.bin": noise(4_000_000), "b.bin": noise(600) };

describe("a transfer", () => {
  test("a transfer begins with the event request, with what was asked and what is granted", async () => {
    const { server, seen } = await watched();
    const client = await server.client();
    const options = [
      ["blksize", "1024"],
      ["Tsize", "0"],
      ["colour", "gr\x1b\xfcn"],
    ] as const;
    await download(client, "/board 1/zImage", { options });
    await server.endOf(client);
    expect(only(seen, "request")).toEqual({
      type: "request",
      at: expect.closeTo(Date.now(), -4) as number,
      id: 1,
      file: "board 1/zImage",
      client: { address: "127.0.0.1", port: client.port },
      local: server.wellKnown,
      mode: "octet",
      requested: { blksize: "1024", tsize: "0", colour: String.raw`gr\x1b\xfcn` },
      granted: { blksize: 1_024, tsize: 5_000 },
      total: 5_000,
    });
  });

  test("a transfer that was acknowledged to the end is complete", async () => {
    const { server, seen } = await watched();
    const client = await server.client();
    await download(client, "board 1/zImage", {
      options: [
        ["windowsize", "4"],
        // Seconds: nothing is sent again because the machine stood still.
        ["timeout", "20"],
      ],
    });
    await server.endOf(client);
    const { id } = only(seen, "request");
    expect(only(seen, "transfer-ended")).toEqual({
      type: "transfer-ended",
      at: expect.any(Number) as number,
      id,
      file: "board 1/zImage",
      client: { address: "127.0.0.1", port: client.port },
      outcome: "complete",
      bytes: 5_000,
      total: 5_000,
      durationMs: expect.any(Number) as number,
      retransmissions: 0,
      blockSize: 512,
      windowSize: 4,
    });
  });

  test("a transfer's progress has bytes, total, and the rate", async () => {
    const { server, seen } = await watched();
    const client = await server.client();
    await client.request("big.bin", { options: [["blksize", "1000"]] });
    // Until a quarter of a second has passed, however fast the machine is.
    for (let block = 0; of(seen, "progress").length === 0 && block < 4_000; block++) {
      await client.send(ack(block));
      await client.receive();
    }
    await expect.poll(() => of(seen, "progress")).not.toEqual([]);
    const [first] = of(seen, "progress");
    expect(first).toMatchObject({ file: "big.bin", total: 4_000_000, client: { port: client.port } });
    expect(first!.bytes % 1_000).toBe(0);
    expect(first!.bytes).toBeGreaterThan(0);
    expect(first!.bytesPerSecond).toBeGreaterThan(0);
  });

  test("a transfer whose last ACK never came is unconfirmed", async () => {
    const { server, client } = await begun("b.bin", { retransmitMs: 500, maxRetries: 1 });
    await client.send(ack(1));
    expect(await server.endOf(client)).toMatchObject({ outcome: "unconfirmed", retransmissions: 1 });
  });

  test("a transfer whose client falls silent is timed-out", async () => {
    const { server, client } = await begun("b.bin", { retransmitMs: 20, maxRetries: 2 });
    expect(await server.endOf(client)).toMatchObject({ outcome: "timed-out", bytes: 0, retransmissions: 2 });
  });

  test("a transfer of which the client only wanted the size is a size-query", async () => {
    const { server, client } = await begun("b.bin", {}, [["tsize", "0"]]);
    await client.send(error(8, "User aborted the transfer"));
    expect(await server.endOf(client)).toMatchObject({ outcome: "size-query", error: { code: 8 } });
  });

  test("a transfer that the client ended is a client-error, with its code and text, which cannot steer a terminal", async () => {
    const { server, client } = await begun("b.bin");
    await client.send(error(3, "disk \x1b[2Jfull"));
    expect(await server.endOf(client)).toMatchObject({
      outcome: "client-error",
      error: { code: 3, text: "disk ?[2Jfull" },
    });
  });

  test("a transfer is replaced when the same port asks for something else, and acknowledges that", async () => {
    const { server, client } = await begun("b.bin");
    await client.send(ack(1));
    await client.awaitBlock(2);
    await client.send(request("board 1/zImage"), server.wellKnown);
    await client.send(ack(1), (await client.receive()).from);
    expect(await server.endOf(client)).toMatchObject({ outcome: "replaced", file: "b.bin" });
  });

  test("a transfer is server-stopped when the grace is over, and reported before stop() resolves", async () => {
    const { server, seen } = await begun("b.bin");
    await server.tftp.stop({ graceMs: 0 });
    expect(only(seen, "transfer-ended")).toMatchObject({ outcome: "server-stopped" });
    expect(seen.slice(-2)).toMatchObject([{ type: "stopped" }, { type: "state", state: "stopped" }]);
  });

  test("a transfer of a file that shrinks has failed, with the cause", async () => {
    const { server, client } = await begun("big.bin");
    truncateSync(join(server.root, "big.bin"), 100);
    for (let block = 1; server.ended.length === 0 && block < 4_000; block++) {
      await client.send(ack(block));
      if ((await client.receivePacket()).kind === "error") break;
    }
    expect(await server.endOf(client)).toMatchObject({
      outcome: "failed",
      cause: { name: "FileShrank", message: expect.stringContaining("shrank") as string },
    });
  });
});

describe("a request that is answered with an ERROR is refused", () => {
  const server = sharedServer({ transport: usualTransport(), symlinks: "deny" }, files);
  beforeAll(() => {
    mkdirSync(join(server.root, "directory"));
    symlinkSync("b.bin", join(server.root, "link"));
  });

  test.each<[RefusalReason, string, number, Buffer]>([
    ["not-found", "none.bin", 1, request("none.bin")],
    ["outside-root", "../b.bin", 2, request("../b.bin")],
    ["not-a-file", "directory", 2, request("directory")],
    ["forbidden", "link", 2, request("link")],
    ["read-only", "b.bin", 2, request("b.bin", { opcode: 2 })],
    ["bad-request", "", 4, Buffer.from("\0\x01b.bin")],
    ["not-found", String.raw`\x1b[2J`, 1, request("\x1b[2J")],
  ])("as %s: %s", async (reason, file, errorCode, datagram) => {
    const before = (await server.counters()).refused[reason];
    const client = await server.client();
    await client.send(datagram);
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: errorCode });
    expect((await server.counters()).refused[reason]).toBe(before + 1);
    expect(server.refused.at(-1)).toMatchObject({ reason, file, errorCode, client: { port: client.port } });
  });
});

// Each fails in another way, and the system's own message about it quotes the name.
test.each([
  [
    "too long a part",
    Buffer.concat([Buffer.from("\x1b[2J\n\u202e"), Buffer.alloc(300, "n")]),
    "not-found",
    "ENAMETOOLONG: open",
  ],
  ["a circle of links", Buffer.from("circle/\x1b[2J\n\u202e"), "forbidden", "ELOOP: open"],
])("the cause of a refusal quotes no byte of the name: %s", async (_, name, reason, message) => {
  const { server } = await watched();
  symlinkSync("circle", join(server.root, "circle"));
  await (await server.client()).ask(name);
  await expect.poll(() => server.refused).toHaveLength(1);
  const [event] = server.refused;
  expect(event).toMatchObject({ reason, cause: { message } });
  expect(JSON.stringify(event)).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]|\\n|\\u/u);
  expect(event?.cause?.stack).toBeUndefined();
});

describe("datagrams that draw nothing are dropped", () => {
  const shared = sharedServer({ transport: usualTransport(), maxTransfersPerClient: 1 }, files);
  const dropped: TftpEventOf<"dropped">[] = [];
  beforeAll(() => void shared.tftp.on("dropped", (event) => dropped.push(event)));

  test.each<[DropReason, Buffer]>([
    ["loop", ack(1)],
    ["loop", error(0, "x")],
    ["unknown-opcode", Buffer.from([0, 9, 0, 0])],
    ["malformed", Buffer.from([0])],
    ["over-limit", request("b.bin")],
  ])("datagrams are dropped as %s, and equal ones are reported together", async (reason, datagram) => {
    const first = await shared.client();
    await first.request("b.bin");
    await first.send(ack(1));
    await first.awaitBlock(2);
    const client = await shared.client();
    dropped.length = 0;
    for (let count = 0; count < 3; count++) await client.send(datagram);
    await expect.poll(() => dropped.reduce((sum, { count }) => sum + count, 0)).toBe(3);
    for (const event of dropped) {
      expect(event).toMatchObject({ reason, client: { address: "127.0.0.1", port: client.port } });
    }
    await first.send(error(0));
    await shared.endOf(first);
  });

  test("a request that is repeated before it is acknowledged is dropped as duplicate", async () => {
    const { server, client, seen } = await begun("b.bin");
    await client.send(request("b.bin"), server.wellKnown);
    await expect.poll(() => of(seen, "dropped")).toMatchObject([{ reason: "duplicate", count: 1 }]);
  });
});

test("a server emits listening, with its address and transport, and stopped", async () => {
  const { server, seen } = await watched();
  const { address: host, port } = server.wellKnown;
  await server.tftp.stop();
  expect(only(seen, "listening")).toMatchObject({
    host,
    port,
    transport: expect.stringMatching(/^(dgram|native)$/) as string,
  });
  const states = seen.flatMap((event) => ("state" in event ? event.state : []));
  expect(states).toEqual(["starting", "running", "stopping", "stopped"]);
  expect(seen.map(({ type }) => type).filter((type) => type !== "state")).toEqual(["listening", "stopped"]);
});

/** A running server, and all that it tells. */
async function watched(options: TftpOptions = {}): Promise<{ server: TestServer; seen: TftpEvent[] }> {
  const server = new TestServer({ transport: usualTransport(), ...options }, files);
  const seen: TftpEvent[] = [];
  server.tftp.on("*", (event) => seen.push(event));
  onTestFinished(() => server.close());
  await server.start();
  return { server, seen };
}

/** The same with a client that has got the first packet of a transfer. */
async function begun(
  file: string,
  options?: TftpOptions,
  asked: readonly (readonly [string, string])[] = [],
): Promise<{ server: TestServer; seen: TftpEvent[]; client: RawClient }> {
  const { server, seen } = await watched(options);
  const client = await server.client();
  await client.request(file, { options: asked });
  return { server, seen, client };
}

function of<Type extends TftpEventType>(events: readonly TftpEvent[], type: Type): TftpEventOf<Type>[] {
  return events.filter((event): event is TftpEventOf<Type> => event.type === type);
}

function only<Type extends TftpEventType>(events: readonly TftpEvent[], type: Type): TftpEventOf<Type> {
  const found = of(events, type);
  expect(found).toHaveLength(1);
  return found[0]!;
}
