import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { expect, onTestFinished, test } from "vitest";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";

const PATH = "/jumpstarter.v1.ExporterService/GetStatus";

test("a client may send 256 KiB in each stream before it hears from the exporter, once a call of it is admitted", async () => {
  const session = await connected();
  expect(session.remoteSettings.initialWindowSize).toBe(65_535);
  const widened = once(session, "remoteSettings");
  expect(await call(session, "right")).not.toBe("16");
  await widened;
  expect(session.remoteSettings.initialWindowSize).toBe(256 * 1_024);
  await expect.poll(() => session.state.remoteWindowSize).toBeGreaterThanOrEqual(1_000_000);
});

test("a client without the passphrase may send no more than HTTP/2 gives to everybody", async () => {
  const session = await connected();
  expect(await call(session, "wrong")).toBe("16");
  await new Promise<void>((resolve, reject) => session.ping((error) => (error ? reject(error) : resolve())));
  expect(session.remoteSettings.initialWindowSize).toBe(65_535);
});

/** Resolves once the exporter's settings are known. */
async function connected(): Promise<ClientHttp2Session> {
  const { address } = await new ExporterGround().exporter().listen("0", { passphrase: "right" });
  const session = connect(`http://${address}`).on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

/** The gRPC status that comes with the headers: that of a call that is refused by its own headers. */
async function call(session: ClientHttp2Session, passphrase: string): Promise<unknown> {
  const stream = session.request({
    ":method": "POST",
    ":path": PATH,
    "content-type": "application/grpc",
    "x-jumpstarter-passphrase": passphrase,
  });
  stream.on("error", () => {}).end(Buffer.alloc(5));
  const [headers] = (await once(stream, "response")) as [Record<string, string>];
  return headers["grpc-status"];
}
