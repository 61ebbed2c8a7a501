import { describe, expect, onTestFinished, test } from "vitest";
import { noCounts } from "../../src/contract/events/counters.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { error } from "../helpers/raw-packets.ts";
import { TestServer, sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport, usualTransport } from "../helpers/raw-transports.ts";

const files = { "board1/zImage": noise(5_000), "board2/zImage": noise(700) };

describe("waiting for a transfer", () => {
  const server = sharedServer({ transport: usualTransport() }, files);

  test("waitForTransfer() resolves with the transfer that matches, past all others", async () => {
    const wait = server.tftp.waitForTransfer({ file: "board1/*", client: "127.0.0.1", outcome: "complete" });
    const other = await server.client();
    await download(other, "board2/zImage");
    const failing = await server.client();
    await failing.request("board1/zImage");
    await failing.send(error(0, "never mind"));
    const client = await server.client();
    await download(client, "board1/zImage");
    expect(await wait).toMatchObject({ file: "board1/zImage", client: { port: client.port }, bytes: 5_000 });
  });

  test("WAIT_TIMEOUT names what a board asked for instead", async () => {
    const wait = server.tftp.waitForTransfer({ file: "board1/zImage" }, { timeoutMs: 300 });
    const outcome = wait.catch((thrown: Error) => thrown.message);
    const client = await server.client();
    await client.ask("board1/zimage");
    expect(await outcome).toBe(
      "no transfer of board1/zImage has ended within 300 ms; meanwhile: " +
        `board1/zimage to 127.0.0.1:${client.port}: refused, not found`,
    );
  });

  test("waitForTransfer() gets a transfer that a stop() without grace ends: its event comes first", async () => {
    const own = await startServer({ transport: usualTransport() }, files);
    const wait = own.tftp.waitForTransfer({ file: "board1/zImage" });
    const missed = own.tftp.waitForTransfer({ file: "board2/zImage" }).catch((thrown: unknown) => thrown);
    const client = await own.client();
    await client.request("board1/zImage");
    await own.tftp.stop({ graceMs: 0 });
    expect(await wait).toMatchObject({ outcome: "server-stopped" });
    expect(await missed).toMatchObject({ code: "NOT_RUNNING" });
  });
});

describe("a snapshot", () => {
  test("a snapshot shows running transfers and all counters at one moment", async () => {
    const server = await startServer({ transport: usualTransport(), retransmitMs: 20_000 }, files);
    const client = await server.client();
    await client.request("board1/zImage", { options: [["blksize", "1000"]] });
    expect(await server.tftp.snapshot()).toEqual({
      at: expect.closeTo(Date.now(), -4) as number,
      state: "running",
      transfers: [
        {
          id: 1,
          file: "board1/zImage",
          client: { address: "127.0.0.1", port: client.port },
          bytes: 0,
          total: 5_000,
          startedAt: expect.closeTo(Date.now(), -4) as number,
          blockSize: 1_000,
          windowSize: 1,
          retransmissions: 0,
        },
      ],
      counters: { ...noCounts(), requests: 1 },
      loopDelay: { meanMs: expect.any(Number), p99Ms: expect.any(Number), maxMs: expect.any(Number) },
    });
  });

  test("a snapshot keeps the counters of a start that has ended, and adds those of the next", async () => {
    const server = await startServer({ transport: usualTransport() }, files);
    for (const requests of [1, 2]) {
      await download(await server.client(), "board2/zImage");
      await server.tftp.stop({ graceMs: 10_000 });
      const snapshot = await server.tftp.snapshot();
      expect(snapshot).toMatchObject({
        state: "stopped",
        transfers: [],
        counters: { requests, transfers: { complete: requests }, bytesAcknowledged: 700 * requests },
      });
      expect(snapshot).not.toHaveProperty("loopDelay");
      expect(snapshot.counters.bytesSent).toBe(requests * (700 + 2 * 4));
      await server.start();
    }
  });

  test("a snapshot of a driver that was never started has no counts", async () => {
    const server = new TestServer();
    onTestFinished(() => server.close());
    expect(await server.tftp.snapshot()).toMatchObject({ state: "stopped", transfers: [], counters: noCounts() });
  });

  test("a snapshot comes after every event up to it", async () => {
    const server = await startServer({ transport: usualTransport() }, files);
    const client = await server.client();
    await client.ask("none");
    await server.tftp.snapshot();
    expect(server.refused).toHaveLength(1);
  });
});

test("the last transfers are kept, the very last one first, at most historySize of them", async () => {
  const server = await startServer({ transport: usualTransport(), historySize: 2 }, files);
  const ports: number[] = [];
  for (let count = 0; count < 3; count++) {
    const client = await server.client();
    await download(client, "board2/zImage");
    await server.endOf(client);
    ports.unshift(client.port);
  }
  const portsOf = (limit?: number): number[] =>
    server.tftp.history(limit === undefined ? {} : { limit }).map(({ client }) => client.port);
  expect(portsOf()).toEqual(ports.slice(0, 2));
  expect(portsOf(1)).toEqual(ports.slice(0, 1));
  expect(() => portsOf(-1)).toThrow("limit: expected a whole number from 0");
});

describeOnEachTransport("a probe", (transport) => {
  // A board's transfer takes the only place that there is.
  const server = sharedServer({ transport, maxTransfers: 1 }, files);

  test("a probe goes through the bound port, and emits no event, is not counted, and is not limited", async () => {
    const client = await server.client();
    await client.request("board1/zImage");
    const before = await server.tftp.snapshot();
    const types: string[] = [];
    const unsubscribe = server.tftp.on("*", ({ type }) => types.push(type));
    const results = await Promise.all(Array.from({ length: 3 }, () => server.tftp.probe({ timeoutMs: 60_000 })));
    for (const { host, port, latencyMs } of results) {
      expect({ address: host, port }).toEqual(server.wellKnown);
      expect(latencyMs).toBeGreaterThan(0);
    }
    const after = await server.tftp.snapshot();
    unsubscribe();
    expect(after.counters).toEqual(before.counters);
    expect(after.transfers).toHaveLength(1);
    expect(types).toEqual([]);
  });

  test.each(["0.0.0.0", "::"])("a probe asks the loopback interface if all addresses are bound: %s", async (host) => {
    const wild = await startServer({ transport, host }, files);
    const result = await wild.tftp.probe({ timeoutMs: 60_000 });
    expect(result).toMatchObject({ host: host === "::" ? "::1" : "127.0.0.1", port: wild.wellKnown.port });
  });
});

describe("a probe", () => {
  test("a probe of a server that is not running is NOT_RUNNING", async () => {
    const server = new TestServer();
    onTestFinished(() => server.close());
    await expect(server.tftp.probe()).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });
});
