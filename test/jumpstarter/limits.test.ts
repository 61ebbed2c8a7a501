import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { dirname } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { FIRST_CALL_TIMEOUT_MS } from "../../src/jumpstarter/server/serve-connection.ts";
import { failureOf } from "../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";
import { codeOf } from "../main/storage/fixtures.ts";

const CALL = "/jumpstarter.v1.ExporterService/DriverCall";

test("clients have at most 256 files open, and a file that is closed makes room", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const open = (): Promise<unknown> => client.call("storage", "open", "a", "wb");
  const [first] = await Promise.all(Array.from({ length: 8 }, () => manyTimes(32, open)));
  expect(await failureOf(open())).toEqual({ code: 8, details: "open: expected at most 256 open files" });
  await client.call("storage", "file_close", first?.[0] as string);
  await open();
});

test("at most 64 streams of a connection wait for their call, and one that is cancelled makes room", async () => {
  const { client } = await new ExporterGround().start();
  const streams = await manyTimes(64, () => client.stream("storage"));
  expect((await failureOf(client.stream("storage"))).code).toBe(8);
  (streams[0] as Awaited<ReturnType<typeof client.stream>>).call.cancel();
  await expect.poll(() => failureOf(client.stream("storage")).catch(() => "it has a place")).toBe("it has a place");
});

test("of 140 connections 128 are taken", async () => {
  const ground = new ExporterGround();
  await ground.exporter().listen(`unix:${ground.socket}`);
  const sockets = Array.from({ length: 140 }, () => idle({ path: ground.socket }));
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(12);
});

test("a connection on which no call is admitted is closed, whether it is silent or has a wrong passphrase", async () => {
  const { host, port } = await listenWithPassphrase();
  const silent = idle({ host, port });
  const session = await http2Session(host, port);
  const wrong = session.request({ ":method": "POST", ":path": CALL, "content-type": "application/grpc" });
  const [headers] = (await once(wrong, "response")) as [Record<string, string>];
  expect(headers["grpc-status"]).toBe("16");
  const patience = { timeout: FIRST_CALL_TIMEOUT_MS + 20_000 };
  await expect.poll(() => [silent.closed, session.closed], patience).toEqual([true, true]);
});

test("a client that has made a call may then be silent for longer", async () => {
  const ground = new ExporterGround();
  await ground.exporter().listen(`unix:${ground.socket}`);
  const { client, isCut } = await ground.connectByCable();
  const begun = performance.now();
  const elapsed = (): number => performance.now() - begun;
  await expect.poll(elapsed, { timeout: 60_000 }).toBeGreaterThan(FIRST_CALL_TIMEOUT_MS + 1_000);
  expect(isCut()).toBe(false);
  expect(await client.call("storage", "exists", "a")).toBe(false);
}, 90_000);

test("a call without the passphrase is refused by its headers: its message is not gathered", async () => {
  const { host, port } = await listenWithPassphrase();
  const session = await http2Session(host, port);
  const call = session.request({ ":method": "POST", ":path": CALL, "content-type": "application/grpc" });
  // Of a message of 200 KiB, all but the last byte.
  const part = Buffer.alloc(5 + 200 * 1_024 - 1);
  part.writeUInt32BE(200 * 1_024, 1);
  call.write(part);
  const [headers] = (await once(call, "response")) as [Record<string, string>];
  expect(headers["grpc-status"]).toBe("16");
});

test("a connection on which 16 calls were refused, and none admitted, is closed", async () => {
  const { host, port } = await listenWithPassphrase();
  const session = await http2Session(host, port);
  const begun = performance.now();
  const call = (): Promise<unknown> => {
    const wrong = session.request({ ":method": "POST", ":path": CALL, "content-type": "application/grpc" });
    wrong.on("error", () => {});
    return once(wrong, "response");
  };
  await manyTimes(15, call);
  expect(session.closed).toBe(false);
  await Promise.race([call(), once(session, "close")]);
  await expect.poll(() => session.closed, { timeout: 5_000 }).toBe(true);
  expect(performance.now() - begun).toBeLessThan(FIRST_CALL_TIMEOUT_MS);
});

test("a message of more than 256 KiB is refused by its length", async () => {
  const { client } = await new ExporterGround().start();
  expect((await failureOf(client.call("storage", "exists", "a".repeat(300 * 1_024)))).code).toBe(8);
});

test.skipIf(process.platform === "win32")("a socket is not made in a directory that others may write to", async () => {
  const ground = new ExporterGround();
  const directory = dirname(ground.socket);
  mkdirSync(directory);
  chmodSync(directory, 0o777);
  expect(await codeOf(ground.exporter().listen(`unix:${ground.socket}`))).toBe("PERMISSION_DENIED");
});

async function listenWithPassphrase(): Promise<{ host: string; port: number }> {
  const { address } = await new ExporterGround().exporter().listen("0", { passphrase: "right" });
  const [host = "", port] = address.split(":");
  return { host, port: Number(port) };
}

function idle(to: NetConnectOpts): Socket {
  const socket = connect(to)
    .on("error", () => {})
    .resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

async function http2Session(host: string, port: number): Promise<ClientHttp2Session> {
  const session = connectHttp2(`http://${host}:${port}`).on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "connect");
  return session;
}

async function manyTimes<Result>(count: number, work: () => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  // oxlint-disable-next-line no-await-in-loop -- as one client does it
  for (let round = 0; round < count; round++) results.push(await work());
  return results;
}
