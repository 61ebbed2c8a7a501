import { getEventListeners } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Driver, type MethodName } from "../../src/index.ts";
import { ExporterEvents } from "../../src/jumpstarter/exporter-events.ts";
import { Listener } from "../../src/jumpstarter/server/listener.ts";
import { openSession } from "../../src/jumpstarter/session/open-session.ts";
import { exporterService } from "../../src/jumpstarter/wire/services.ts";
import { failureOf } from "../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";
import { codeOf } from "../main/storage/fixtures.ts";

class Leaky extends Driver {
  override readonly name = "leaky";
  override readonly clientClass = "a.b";
  override readonly exportedMethods: readonly MethodName<Leaky>[] = ["fail"];

  async fail(): Promise<void> {
    throw new Error("ENOENT: no such file or directory, rename '/home/ann's/key' -> '/root/it's/other'");
  }
}

test("a client is not told the path of a file, even if it has quotes in it", async () => {
  const { client } = await new ExporterGround().start({ leaky: () => new Leaky() });
  const details = "ENOENT: no such file or directory, rename a file";
  expect(await failureOf(client.call("leaky", "fail"))).toEqual({ code: 2, details });
});

test("of the name of a method that does not exist 100 characters are kept, and of its driver nothing", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const request = { uuid: "x".repeat(1_000), method: "m".repeat(100_000), args: [] };
  await failureOf(client.unary(exporterService.DriverCall, request));
  const event = ground.events.find(({ type }) => type === "driver-call");
  expect(event).toMatchObject({ driver: "unknown", method: "m".repeat(100) });
});

test("calls and streams that have ended leave nothing at their session, which may last for days", async () => {
  const ground = new ExporterGround();
  const start = { description: undefined, status: "LEASE_READY", message: "" } as const;
  const session = openSession({ root: { tftp: ground.tftp }, ...start }, new ExporterEvents(undefined));
  onTestFinished(() => session.close());
  const listener = await Listener.open({ path: ground.socket }, session, undefined, undefined);
  onTestFinished(() => listener.close());
  const client = await ground.connect();
  await client.upload("a", Buffer.from("x"));
  await client.download("a");
  await client.streamingCall("storage", "list", "/");
  await failureOf(client.call("storage", "stat", "nowhere"));
  await client.status();
  const log = client.log();
  log.on("error", () => {});
  log.once("metadata", () => log.cancel());
  await expect.poll(() => getEventListeners(session.ending.signal, "abort")).toEqual([]);
});

test("an exporter that is closed while it begins to listen does not listen", async () => {
  const ground = new ExporterGround();
  const exporter = ground.exporter();
  const listening = codeOf(exporter.listen(`unix:${ground.socket}`));
  await exporter.close();
  expect(await listening).toBe("CLOSED");
  const refused = new Promise((resolve) =>
    connect(ground.socket)
      .once("error", resolve)
      .once("connect", () => resolve("taken")),
  );
  expect(await refused).toMatchObject({ syscall: "connect" });
});
