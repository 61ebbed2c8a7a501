import { expect, onTestFinished, test } from "vitest";
import { expectFree } from "../helpers/expect-free.ts";
import { noise } from "../helpers/raw-content.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(3_000) };
/** A busy machine is late by this much, in ms. */
const lateness = 3_000;

describeOnEachTransport("stop()", (transport) => {
  test("stop() with a mute client resolves when the grace is over, and sends the client ERROR 0", async () => {
    const server = await startServer({ transport }, files);
    const client = await server.client();
    await client.request("a.bin");
    const before = performance.now();
    await server.tftp.stop({ graceMs: 300 });
    const took = performance.now() - before;
    // Timers may fire a millisecond early.
    expect(took).toBeGreaterThan(295);
    expect(took).toBeLessThan(300 + 500 + lateness);
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0, text: "Server stopped" });
    expect(await server.endOf(client)).toMatchObject({ outcome: "server-stopped" });
    await expectFree(server.wellKnown.port);
  });

  test("stop() resolves as soon as the last transfer has ended, with most of the grace left", async () => {
    const server = await startServer({ transport }, files);
    const client = await server.client();
    await client.request("a.bin");
    const stopping = server.tftp.stop({ graceMs: 3_600_000 });
    for (const block of [1, 2, 3, 4, 5]) {
      await client.send(ack(block));
      await client.awaitBlock(block + 1);
    }
    await client.send(ack(6));
    await stopping;
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete" });
  });

  test("stop() whose signal fires ends the transfers at once", async () => {
    const server = await startServer({ transport }, files);
    const client = await server.client();
    await client.request("a.bin");
    const controller = new AbortController();
    const stopping = server.tftp.stop({ graceMs: 3_600_000, signal: controller.signal });
    controller.abort();
    await stopping;
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0 });
    await expectFree(server.wellKnown.port);
  });

  test("stop() during a start leaves the port free", async () => {
    const server = await startServer({ transport }, files);
    const { port } = server.wellKnown;
    await server.tftp.stop();
    const again = new TestServer({ transport, port }, files);
    onTestFinished(() => again.close());
    const starting = again.start().catch((error: unknown) => error);
    await again.tftp.stop();
    expect(await starting).toMatchObject({ code: "ABORTED" });
    await expectFree(port);
  });

  test("stop() and start() at once serve on the same port again", async () => {
    const server = await startServer({ transport }, files);
    const { port } = server.wellKnown;
    const fixed = new TestServer({ transport, port }, files);
    onTestFinished(() => fixed.close());
    await server.tftp.stop();
    await fixed.start();
    const stopping = fixed.tftp.stop();
    await fixed.tftp.start();
    await stopping;
    const client = await fixed.client();
    await client.send(request("a.bin"), { address: "127.0.0.1", port });
    await client.expectBlocks(1);
  });

  test("close() with running transfers sends their clients an ERROR, and leaves the port free", async () => {
    const server = await startServer({ transport }, files);
    const client = await server.client();
    await client.request("a.bin");
    await server.tftp.close();
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0 });
    await expectFree(server.wellKnown.port);
  });
});
