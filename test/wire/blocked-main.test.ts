import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import type { TftpEvent } from "../../src/contract/events/events.ts";
import { request } from "../helpers/raw-packets.ts";
import { startServer } from "../helpers/raw-server.ts";

const FLOOD = 3_000;

test("what a flood brings about while main is blocked reaches it as a few hundred events whose sums are exact", async () => {
  const server = await startServer({}, {});
  const seen: TftpEvent[] = [];
  server.tftp.on("*", (event) => seen.push(event));
  const done = new Int32Array(new SharedArrayBuffer(4));
  const flood = new Worker(flooder, {
    eval: true,
    workerData: { done, port: server.wellKnown.port, count: FLOOD, datagram: request("missing") },
  });
  onTestFinished(() => void flood.terminate());
  await once(flood, "online");
  expect(Atomics.wait(done, 0, 0, 60_000)).not.toBe("timed-out");
  const { counters } = await server.tftp.snapshot();
  const refused = seen.filter((event) => event.type === "refused");
  expect(counters.refused["not-found"]).toBeGreaterThanOrEqual(FLOOD);
  expect(refused.reduce((sum, { count = 1 }) => sum + count, 0)).toBe(counters.refused["not-found"]);
  expect(refused.length).toBeLessThan(1_000);
  expect(seen.some(({ type }) => type === "lost")).toBe(false);
});

test("a refusal carries a code and a message, and no stack", async () => {
  const server = await startServer({}, {});
  const client = await server.client();
  await client.request("x".repeat(300));
  await expect.poll(() => server.refused).toHaveLength(1);
  expect(JSON.stringify(server.refused)).not.toContain("stack");
  const failing = await server.client();
  server.tftp.addFile("made", () => {
    throw Object.assign(new Error("no such board"), { code: "E_BOARD" });
  });
  await failing.request("made");
  await expect.poll(() => server.refused).toHaveLength(2);
  expect(server.refused[1]?.cause).toEqual({ name: "Error", message: "no such board", code: "E_BOARD", tftp: false });
});

/** Asks from a thread of its own, each time that it is answered, and at least every 100 ms. */
const flooder = `
  const { workerData: { done, port, count, datagram } } = require("node:worker_threads");
  const socket = require("node:dgram").createSocket("udp4");
  let answers = 0;
  const ask = () => socket.send(datagram, port, "127.0.0.1");
  const patience = setInterval(ask, 100);
  socket.on("message", () => {
    if (++answers < count) return ask();
    Atomics.store(done, 0, 1);
    Atomics.notify(done, 0);
    clearInterval(patience);
    socket.close();
  });
  socket.bind(0, "127.0.0.1", () => { for (let burst = 0; burst < 16; burst++) ask(); });
`;
