import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { SseBroadcaster } from "../../src/ui/sse-broadcaster.ts";

const megabyte = "x".repeat(1_000_000);

test("a page that does not read is dropped once it is over a mebibyte behind, and the others go on", async () => {
  const broadcaster = new SseBroadcaster();
  const port = await serve(broadcaster);
  const deaf = ask(port).pause();
  const hearing = ask(port).resume();
  await expect.poll(() => broadcaster.size).toBe(2);
  // What the system buffers for the deaf one is not ours, but has an end.
  let sent = 0;
  for (let round = 0; broadcaster.size === 2 && round < 200; round++) {
    broadcaster.send("change", megabyte);
    sent += megabyte.length;
    await expect.poll(() => hearing.bytesRead, { interval: 1 }).toBeGreaterThan(sent);
  }
  expect(broadcaster.size).toBe(1);
  expect(sent).toBeGreaterThan(1 << 20);
  deaf.resume();
  await once(deaf, "close");
  broadcaster.send("change", megabyte);
  await expect.poll(() => hearing.bytesRead).toBeGreaterThan(sent + megabyte.length);
});

test("a page whose first message is far over a mebibyte has the time to read it", async () => {
  const broadcaster = new SseBroadcaster();
  const whole = megabyte.repeat(20);
  const slow = ask(await serve(broadcaster, whole)).pause();
  await expect.poll(() => broadcaster.behind).toBe(1);
  broadcaster.send("change", "");
  await new Promise((resolve) => setImmediate(resolve));
  slow.resume();
  await expect.poll(() => slow.bytesRead).toBeGreaterThan(whole.length);
  expect(broadcaster.size).toBe(1);
});

test("the broadcaster reports whether a page is open, once for each change", async () => {
  const broadcaster = new SseBroadcaster();
  const told: boolean[] = [];
  broadcaster.onPresence = (present) => told.push(present);
  const port = await serve(broadcaster);
  const pages = [ask(port), ask(port)];
  await expect.poll(() => broadcaster.size).toBe(2);
  for (const page of pages) page.destroy();
  await expect.poll(() => told).toEqual([true, false]);
  ask(port);
  await expect.poll(() => told).toEqual([true, false, true]);
});

test("16 stalled pages keep others out for a minute at most", async () => {
  let now = 0;
  const broadcaster = new SseBroadcaster(() => now);
  const port = await serve(broadcaster);
  const stalled = Array.from({ length: 16 }, () => ask(port).pause());
  await expect.poll(() => broadcaster.size).toBe(16);
  now = 59_999;
  expect(await statusOf(port)).toBe(503);
  now = 60_000;
  expect(await statusOf(port)).toBe(200);
  stalled.forEach((page) => page.resume());
  await expect.poll(() => stalled.filter(({ closed }) => closed).length).toBe(1);
});

test("a page that reads nothing of what waits for it for 30 s is dropped", async () => {
  let now = 0;
  const broadcaster = new SseBroadcaster(() => now);
  const port = await serve(broadcaster);
  ask(port).pause();
  await expect.poll(() => broadcaster.size).toBe(1);
  // Until the system takes no more of it, but less than a mebibyte behind.
  const piece = "x".repeat(100_000);
  let behind = 0;
  for (let round = 0; behind < 3 && round < 1_000; round++) {
    broadcaster.send("change", piece);
    await new Promise((resolve) => setImmediate(resolve));
    behind = broadcaster.behind > 0 ? behind + 1 : 0;
  }
  expect(broadcaster.size).toBe(1);
  broadcaster.send("change", "");
  now = 29_999;
  broadcaster.send("change", "");
  expect(broadcaster.size).toBe(1);
  now = 30_000;
  broadcaster.send("change", "");
  await expect.poll(() => broadcaster.size).toBe(0);
});

async function statusOf(port: number): Promise<number | undefined> {
  const [response] = (await once(get({ port, host: "127.0.0.1" }), "response")) as [IncomingMessage];
  response.destroy();
  return response.statusCode;
}

async function serve(broadcaster: SseBroadcaster, whole: unknown = {}): Promise<number> {
  const server = createServer((_request, response) => broadcaster.admit(response, "whole", whole));
  server.listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

function ask(port: number): Socket {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket;
}
