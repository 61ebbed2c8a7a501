import { once } from "node:events";
import { createServer } from "node:http";
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

test("it tells whether anybody looks, once for each change", async () => {
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

async function serve(broadcaster: SseBroadcaster): Promise<number> {
  const server = createServer((_request, response) => broadcaster.admit(response, "whole", {})).listen(0, "127.0.0.1");
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
