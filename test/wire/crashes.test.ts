import { createSocket } from "node:dgram";
import { expect, test } from "vitest";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { openHandles } from "../helpers/open-handles.ts";
import { expectFree } from "../helpers/expect-free.ts";
import { crashWorkers, type Death } from "../helpers/crashes.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, request } from "../helpers/raw-packets.ts";
import { startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(3_000) };
const deaths: readonly (readonly [death: Death, cause: string])[] = [
  ["throw", "crashed on demand"],
  ["reject", "crashed on demand"],
  ["exit", "code 3"],
];

describeOnEachTransport("a thread that dies", (transport) => {
  test.each(deaths)(
    "a thread that dies of %s is reported, and its port served again by another one",
    async (death, cause) => {
      const server = await startServer({ workerUrl: crashingWorker, transport }, files);
      const { wellKnown } = server;
      const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
      const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
      crashWorkers(death);
      expect(await crashed).toMatchObject({
        restartInMs: 100,
        cause: { code: "WORKER_CRASHED", message: expect.stringContaining(cause) as unknown },
      });
      expect(await server.tftp.getPort()).toBe(wellKnown.port);
      expect(await restarted).toMatchObject({ host: wellKnown.address, port: wellKnown.port, attempt: 1 });
      const client = await server.client();
      expect((await download(client, "a.bin")).content).toEqual(files["a.bin"]);
    },
  );

  test("after a crash the next thread serves the same virtual files", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport }, files);
    server.tftp.addFile("fixed", "kept");
    server.tftp.addFile("made", () => "made");
    const removed = server.tftp.addFile("a.bin", "removed");
    const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
    crashWorkers("exit");
    // In between, too.
    void removed.remove();
    server.tftp.addFile("late", "late");
    await restarted;
    for (const [file, content] of [
      ["fixed", "kept"],
      ["made", "made"],
      ["late", "late"],
      ["a.bin", files["a.bin"]],
    ] as const) {
      expect((await download(await server.client(), file)).content).toEqual(Buffer.from(content as string));
    }
  });

  test("a crash ends the transfers, and their clients are served when they ask again", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport }, files);
    const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
    const requested: number[] = [];
    server.tftp.on("request", (event) => requested.push(event.id));
    const client = await server.client();
    await client.request("a.bin");
    await expect.poll(() => requested).toEqual([1]);
    crashWorkers("exit");
    await restarted;
    await client.send(ack(1));
    await client.expectNothing();
    client.peer = server.wellKnown;
    expect((await download(client, "a.bin")).content).toEqual(files["a.bin"]);
    await expect.poll(() => requested).toEqual([1, 2]);
    await expect.poll(async () => (await server.tftp.snapshot()).transfers).toEqual([]);
  });

  test("a restart binds the port and host that were bound, also with port 0 or without a host", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, host: "" }, files);
    const { wellKnown } = server;
    const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
    crashWorkers("throw");
    expect(await restarted).toMatchObject({ host: wellKnown.address, port: wellKnown.port });
    expect(wellKnown.port).not.toBe(0);
  });

  test.runIf(process.platform === "linux")("a restart binds all addresses again, on the same port", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, host: ["127.0.0.1", "127.0.0.2"] }, files);
    const before = await server.tftp.getAddresses();
    const restarted = server.tftp.once("restarted");
    crashWorkers("throw");
    await restarted;
    expect(await server.tftp.getAddresses()).toEqual(before);
    const client = await RawClient.open({ address: "127.0.0.2", port: server.wellKnown.port });
    expect((await client.request("a.bin")).from.address).toBe("127.0.0.2");
  });

  test.runIf(process.platform === "linux")("a thread that dies leaves no handle open, nor its port bound", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, restart: "never" }, files);
    const { wellKnown } = server;
    await server.tftp.stop();
    const before = openHandles();
    await server.start();
    const clients = await Promise.all(Array.from({ length: 10 }, () => server.client()));
    for (const client of clients) await client.request("a.bin");
    const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
    crashWorkers("throw");
    await crashed;
    expect(server.tftp.state).toBe("failed");
    for (const client of clients) client.close();
    await expect.poll(openHandles).toBeLessThanOrEqual(before);
    await expectFree(wellKnown.port);
  });

  test("stop() before the restart of a dead thread leaves the port free", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport }, files);
    const { port } = server.wellKnown;
    const stopped = new Promise<void>((resolve) => {
      server.tftp.on("worker-crashed", () => resolve(server.tftp.stop()));
    });
    crashWorkers("throw");
    await stopped;
    expect(server.tftp.state).toBe("stopped");
    await expectFree(port);
  });

  test("a restart whose port was taken by another process is tried again until the port is free", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport }, files);
    const { port } = server.wellKnown;
    const squatter = createSocket("udp4");
    const causes: unknown[] = [];
    const restarted = new Promise<void>((resolve) => server.tftp.on("restarted", () => resolve()));
    const refused = new Promise<void>((resolve) => {
      server.tftp.on("worker-crashed", ({ cause }) => {
        causes.push(cause.code);
        if (causes.length === 1) squatter.bind(port, "127.0.0.1");
        else resolve();
      });
    });
    crashWorkers("throw");
    await refused;
    expect(causes).toEqual(["WORKER_CRASHED", "ADDRESS_IN_USE"]);
    squatter.close();
    await restarted;
    const client = await server.client();
    expect((await download(client, "a.bin")).content).toEqual(files["a.bin"]);
  });
});

test("a request that comes before the restart is lost, and the client's next one is served", async () => {
  const server = await startServer({ workerUrl: crashingWorker }, files);
  const client = await server.client();
  const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
  crashWorkers("throw");
  await crashed;
  for (;;) {
    await client.send(request("a.bin"), server.wellKnown);
    const reply = await client.receive(100).catch(() => undefined);
    if (reply) break;
  }
  expect(server.tftp.state).toBe("running");
});
