import { once } from "node:events";
import { mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { MessageChannel, Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import {
  connectDriver,
  Driver,
  exposeDriver,
  type MethodName,
  type RemoteDriver,
  ServerNotRunning,
  Tftp,
  TftpError,
} from "../../../src/index.ts";
import { fetchFile } from "../../../src/main/client/tftp-client.ts";

/** Threads have no origin. */
function ask(thread: Worker, job: string): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  thread.postMessage(job);
}

function ground() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "remote-")));
  const tftp = new Tftp({ rootDir: root, host: "127.0.0.1", port: 0, journal: false });
  onTestFinished(async () => {
    await tftp.close();
    rmSync(root, { recursive: true, force: true });
  });
  return { root, tftp };
}

function connect() {
  const { root, tftp } = ground();
  const { port1, port2 } = new MessageChannel();
  const end = exposeDriver(tftp, port1);
  const remote: RemoteDriver<Tftp> = connectDriver<Tftp>(port2);
  onTestFinished(() => port2.close());
  return { root, tftp, remote, port: port2, end };
}

test("another thread uploads, starts the server, and waits for a board's transfer", async () => {
  const { tftp } = ground();
  const { port1, port2 } = new MessageChannel();
  exposeDriver(tftp, port1);
  const thread = new Worker(new URL("driver-thread.mjs", import.meta.url), {
    workerData: port2,
    transferList: [port2],
  });
  onTestFinished(async () => void (await thread.terminate()));
  const said = async (): Promise<unknown> => ((await once(thread, "message")) as [unknown])[0];
  expect(await said()).toEqual(["ready", true]);
  ask(thread, "boot");
  const [name, bound] = (await said()) as [string, number];
  expect(name).toBe("port");
  expect(bound).toBe(await tftp.getPort());
  const ended = said();
  let fetched = "";
  await fetchFile({ host: "127.0.0.1", port: bound, file: "zImage", onData: (data) => (fetched += String(data)) });
  expect(fetched).toBe("kernel");
  expect(await ended).toEqual(["ended", "complete"]);
  ask(thread, "failure");
  expect([await said(), await said()]).toEqual([
    ["isTftpError", true],
    ["code", "NOT_FOUND"],
  ]);
});

test("errors keep their class, their code and their cause", async () => {
  const { remote } = connect();
  const error: unknown = await remote.waitForTransfer().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServerNotRunning);
  expect(error).toMatchObject({ code: "NOT_RUNNING" });
  const reason = new TftpError("WAIT_TIMEOUT", "the content failed");
  // oxlint-disable-next-line require-yield -- it fails at once
  const failing = (async function* (): AsyncGenerator<string> {
    throw reason;
  })();
  await expect(remote.storage.write("a", failing)).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    cause: { code: "WAIT_TIMEOUT", message: reason.message },
  });
});

test("content goes over as text, bytes, streams and iterables, and comes back as a stream or as bytes", async () => {
  const { remote } = connect();
  const bytes = Buffer.alloc(1_000_000, "0123456789-");
  await remote.storage.write("text", "text");
  await remote.storage.write("bytes", bytes.subarray(1));
  await remote.storage.write("stream", Readable.from([bytes, bytes], { objectMode: false }));
  expect(Buffer.from(await remote.storage.readBytes("text")).toString()).toBe("text");
  expect(bytes.subarray(1).equals(await remote.storage.readBytes("bytes"))).toBe(true);
  const pieces: Buffer[] = [];
  for await (const piece of await remote.storage.read("stream")) pieces.push(piece as Buffer);
  expect(Buffer.concat([bytes, bytes]).equals(Buffer.concat(pieces))).toBe(true);
  expect((await remote.storage.list()).map(({ path }) => path)).toEqual(["bytes", "stream", "text"]);
});

test("content is taken no faster than it is written", async () => {
  const { remote } = connect();
  let given = 0;
  const taken = remote.storage.write("a", {
    async *[Symbol.asyncIterator]() {
      for (; given < 64; given++) yield Buffer.alloc(65_536);
    },
  });
  expect(given).toBeLessThan(2);
  await taken;
  expect(given).toBe(64);
});

test("events come one by one until the reader leaves, or its signal fires", async () => {
  const { tftp, remote } = connect();
  const events = await remote.events();
  const stop = new AbortController();
  const others = await remote.events({ signal: stop.signal });
  await remote.start();
  const seen: string[] = [];
  for await (const event of events) {
    seen.push(event.type);
    if (event.type === "listening") break;
  }
  expect(seen).toContain("state");
  expect((await events.next()).done).toBe(true);
  stop.abort();
  const rest: string[] = [];
  for await (const event of others) rest.push(event.type);
  await tftp.stop();
  expect(rest).not.toContain("stopped");
});

test("a signal aborts the call in the driver's thread, and progress is reported across", async () => {
  const { root, remote } = connect();
  const stop = new AbortController();
  const stuck = new Readable({ read() {} });
  stuck.push("x");
  const written = remote.storage.write("a", stuck, { signal: stop.signal });
  await expect.poll(() => readdirSync(root)).not.toEqual([]);
  stop.abort();
  await expect(written).rejects.toMatchObject({ code: "ABORTED" });
  expect(readdirSync(root)).toEqual([]);
  const reported: number[] = [];
  await remote.storage.write("b", "12345", { onProgress: ({ bytes }) => reported.push(bytes) });
  await expect.poll(() => reported.at(-1)).toBe(5);
});

test("a thread that is gone in the middle of a write leaves nothing of it", async () => {
  const { root, remote, port } = connect();
  const stuck = new Readable({ read() {} });
  stuck.push("x");
  const written = remote.storage.write("a", stuck);
  written.catch(() => {});
  await expect.poll(() => readdirSync(root)).not.toEqual([]);
  port.close();
  await expect(written).rejects.toMatchObject({ code: "CLOSED" });
  await expect.poll(() => readdirSync(root)).toEqual([]);
});

/** A driver of one's own, with an iterable that notices its end. */
class Meter extends Driver {
  override readonly name = "meter";
  override readonly exportedMethods: readonly MethodName<Meter>[] = ["read"];
  isRead = false;

  async *read(): AsyncGenerator<number> {
    this.isRead = true;
    try {
      for (let volts = 0; ; volts++) yield volts;
    } finally {
      this.isRead = false;
    }
  }
}

test("an iterable that a driver of one's own returns is ended when its reader leaves, or is gone", async () => {
  const meter = new Meter();
  const { port1, port2 } = new MessageChannel();
  exposeDriver(meter, port1);
  const remote = connectDriver<Meter>(port2);
  for await (const volts of await remote.read()) if (volts === 3) break;
  await expect.poll(() => meter.isRead).toBe(false);
  const values = await remote.read();
  expect(await values.next()).toEqual({ done: false, value: 0 });
  expect(meter.isRead).toBe(true);
  port2.close();
  await expect.poll(() => meter.isRead).toBe(false);
  await expect(values.next()).rejects.toMatchObject({ code: "CLOSED" });
});

test("what is not exported cannot be called, by whatever name", async () => {
  const { remote } = connect();
  const loose = remote as unknown as Record<string, Record<string, () => Promise<unknown>>>;
  for (const [child, method] of [
    ["storage", "recover"],
    ["storage", "constructor"],
    ["storage", "__proto__"],
    ["nothing", "start"],
  ] as const) {
    await expect(loose[child]?.[method]?.()).rejects.toMatchObject({ code: "INVALID_OPTION" });
  }
});

test("calls that wait when the driver's side ends the port reject, and so do later ones", async () => {
  const { remote, end } = connect();
  await remote.start();
  const waiting = remote.waitForTransfer().catch((thrown: unknown) => thrown);
  end();
  expect(await waiting).toMatchObject({ code: "CLOSED" });
  await expect(remote.getPort()).rejects.toMatchObject({ code: "CLOSED" });
});

test("closing the remote driver closes the driver itself", async () => {
  const { tftp, remote } = connect();
  {
    await using held = remote;
    await held.start();
  }
  await expect(tftp.start()).rejects.toMatchObject({ code: "CLOSED" });
});
