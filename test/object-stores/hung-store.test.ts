import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { TftpOptions } from "../../src/index.ts";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { decode } from "../helpers/raw-packets.ts";
import { TestServer } from "../helpers/raw-server.ts";

// A server here starts a thread and a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.skipIf(isOpenDalAbsent())("a store that takes every connection and never answers", () => {
  let mute: Server;
  const sockets = new Set<Socket>();
  beforeEach(async () => {
    mute = createServer((socket) => void sockets.add(socket.on("error", () => {}))).listen(0, "127.0.0.1");
    await once(mute, "listening");
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    mute.close();
  });

  test("with requests to a hung store pending, stop() resolves within the grace and half a second; a start may follow", async () => {
    const server = await serve();
    const client = await server.client();
    await client.send(rrq("a"));
    await expect.poll(() => sockets.size).toBeGreaterThan(1);
    const begun = performance.now();
    await server.tftp.stop({ graceMs: 300 });
    // The promise is 800 ms; what a busy machine adds is not the store's.
    expect(performance.now() - begun).toBeLessThan(2_500);
    await server.tftp.start();
    expect(server.tftp.state).toBe("running");
  });

  test("close() with requests to a hung store pending leaves the process alive", async () => {
    const server = await serve();
    const clients = await Promise.all(["a", "b", "c"].map(() => server.client()));
    for (const client of clients) await client.send(rrq("a"));
    await expect.poll(() => sockets.size).toBeGreaterThan(2);
    await server.close();
    expect(server.tftp.state).toBe("stopped");
  });

  test("a request to a hung store draws ERROR 0 once its time is up, and an event that says so", async () => {
    const server = await serve({ sourceTimeoutMs: 300 });
    const reply = decode((await (await server.client()).request("a")).bytes);
    expect(reply).toMatchObject({ kind: "error", code: 0, text: "Cannot read file" });
    await expect
      .poll(() => server.refused)
      .toMatchObject([{ reason: "read-error", cause: { message: "stat: no answer in 300 ms" } }]);
  });

  async function serve(options: TftpOptions = {}): Promise<TestServer> {
    const { port } = mute.address() as { port: number };
    const source = { scheme: "webdav", endpoint: `http://127.0.0.1:${port}` };
    const server = new TestServer({ source, ...options });
    onTestFinished(() => server.close());
    await server.start();
    return server;
  }
});

function rrq(name: string): Buffer {
  return Buffer.from(`\0\x01${name}\0octet\0`, "latin1");
}
