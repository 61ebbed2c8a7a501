import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { openHandles } from "../helpers/open-handles.ts";
import { quietPort } from "../helpers/quiet-port.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, data, request } from "../helpers/raw-packets.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(2_000), "hello.txt": "hello\n" };

describeOnEachTransport("start and stop", (transport) => {
  test("a stopped server is silent, and serves again on the same port once it is started again", async () => {
    const server = await startServer({ transport, port: await quietPort() }, files);
    const { port } = server.wellKnown;
    for (let round = 0; round < 3; round++) {
      const client = await server.client();
      expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello\n"));
      await client.send(ack(1));
      await server.endOf(client);
      await server.tftp.stop();
      client.peer = server.wellKnown;
      await client.send(request("hello.txt"));
      await client.expectNothing();
      await server.start();
      expect(server.wellKnown.port).toBe(port);
    }
  });

  test("stop() lets a running transfer end, and takes no new one", async () => {
    const server = await startServer({ transport, stopGraceMs: 10_000 }, files);
    const client = await server.client();
    await client.request("a.bin");
    const stopping = server.tftp.stop();
    const late = await server.client();
    await late.send(request("a.bin"));
    await late.expectNothing();
    for (const block of [1, 2, 3]) {
      await client.send(ack(block));
      await client.expectBlocks(block + 1);
    }
    await client.send(ack(4));
    await stopping;
    expect(await server.endOf(client)).toMatchObject({ outcome: "complete", bytes: 2_000 });
  });

  test("stop() without grace sends the client ERROR 0", async () => {
    const server = await startServer({ transport, stopGraceMs: 0 }, files);
    const client = await server.client();
    await client.request("a.bin");
    await server.tftp.stop();
    expect(await client.receivePacket()).toMatchObject({ kind: "error", code: 0, terminated: true });
    expect(await server.endOf(client)).toMatchObject({ outcome: "server-stopped" });
    await client.send(ack(1));
    await client.expectNothing();
  });

  test("a port that is in use fails the start, and the driver can be started later", async () => {
    const taken = createSocket("udp4").bind(0, "127.0.0.1");
    await once(taken, "listening");
    const server = new TestServer({ transport, port: taken.address().port }, files);
    onTestFinished(() => server.close());
    await expect(server.start()).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
    taken.close();
    await once(taken, "close");
    await server.start();
    const client = await server.client();
    expect((await client.request("hello.txt")).bytes).toEqual(data(1, "hello\n"));
  });

  test.runIf(process.platform === "linux")("200 transfers and 200 refusals leave no handle open", async () => {
    const server = await startServer({ transport }, files);
    const fetchOnce = async (): Promise<void> => {
      const client = await server.client();
      await download(client, "a.bin");
      await server.endOf(client);
      client.close();
      const prober = await server.client();
      await prober.ask("missing");
      prober.close();
    };
    await fetchOnce();
    const before = openHandles();
    for (let round = 0; round < 200; round += 20) await Promise.all(Array.from({ length: 20 }, fetchOnce));
    await expect.poll(openHandles).toBeLessThanOrEqual(before);
    expect((await server.tftp.snapshot()).transfers).toEqual([]);
  });

  test.runIf(process.platform === "linux")("stop() leaves no handle open, also with transfers running", async () => {
    const server = await startServer({ transport }, files);
    await server.tftp.stop();
    const before = openHandles();
    await server.start();
    const clients = await Promise.all(Array.from({ length: 10 }, () => server.client()));
    for (const client of clients) await client.request("a.bin");
    await server.tftp.stop();
    for (const client of clients) client.close();
    await expect.poll(openHandles).toBeLessThanOrEqual(before);
  });

  test("100 clients at once are all served", async () => {
    const server = await startServer({ transport }, files);
    const clients = await Promise.all(Array.from({ length: 100 }, () => server.client()));
    const downloads = await Promise.all(clients.map((client) => download(client, "a.bin")));
    expect(downloads.every(({ content }) => content.equals(files["a.bin"]))).toBe(true);
    await expect.poll(() => server.ended.map((event) => event.outcome)).toEqual(clients.map(() => "complete"));
  });
});
