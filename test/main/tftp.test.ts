import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { type Logger, ServerNotRunning, Tftp, TftpError, type TftpOptions } from "../../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "tftp-driver-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("the host and port are the configured ones before start, and the bound ones after", async () => {
  const tftp = driver({ port: 0 });
  expect([await tftp.getHost(), await tftp.getPort()]).toEqual(["127.0.0.1", 0]);
  const bound = await tftp.start();
  expect(bound).toMatchObject({ host: "127.0.0.1", addresses: [{ host: "127.0.0.1", port: bound.port }] });
  expect(bound.port).toBeGreaterThan(0);
  expect(bound).toMatchObject({ host: await tftp.getHost(), port: await tftp.getPort() });
  expect(await tftp.getAddresses()).toEqual(bound.addresses);
  expect(await tftp.start()).toEqual(bound);
  await tftp.stop();
  expect(await tftp.getPort()).toBe(0);
});

test("an empty host binds an address of this machine", async () => {
  const tftp = driver({ host: "" });
  await tftp.start();
  expect(await tftp.getHost()).toMatch(/^[\d.]+$/);
});

test("a missing root is created", async () => {
  const rootDir = join(directory, "made/by/start");
  await driver({ rootDir }).start();
  expect(existsSync(rootDir)).toBe(true);
});

test("a root that is a file is ROOT_NOT_READABLE, with the cause; the driver can be started again", async () => {
  const rootDir = join(directory, "file");
  writeFileSync(rootDir, "");
  const tftp = driver({ rootDir });
  await expect(tftp.start()).rejects.toMatchObject({ code: "ROOT_NOT_READABLE", cause: { code: "ENOTDIR" } });
  expect(tftp.state).toBe("stopped");
  rmSync(rootDir);
  await tftp.start();
  expect(tftp.state).toBe("running");
});

test("a port in use is a TftpError ADDRESS_IN_USE; once it is free the driver can be started", async () => {
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  const tftp = driver({ port: taken.address().port });
  const error: unknown = await tftp.start().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TftpError);
  expect(error).toMatchObject({ code: "ADDRESS_IN_USE", cause: { code: "EADDRINUSE" } });
  taken.close();
  await once(taken, "close");
  await tftp.start();
});

test("an address of another machine is ADDRESS_NOT_AVAILABLE", async () => {
  await expect(driver({ host: "192.0.2.1" }).start()).rejects.toMatchObject({ code: "ADDRESS_NOT_AVAILABLE" });
});

test("a bad option is thrown by the constructor, and a bad grace by stop()", async () => {
  expect(() => new Tftp({ port: -1 })).toThrow(
    new TftpError("INVALID_OPTION", "port: expected a whole number from 0 to 65535, got -1"),
  );
  await expect(driver().stop({ graceMs: -1 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

test("snapshot() works without a running server, and probe() rejects without one", async () => {
  const tftp = driver();
  expect(await tftp.snapshot()).toMatchObject({ state: "stopped", transfers: [], counters: { requests: 0 } });
  await expect(tftp.probe()).rejects.toThrow(ServerNotRunning);
  await tftp.start();
  expect(await tftp.snapshot()).toMatchObject({ transfers: [], counters: { requests: 0 } });
});

test("the events listening and stopped are emitted before stop() resolves", async () => {
  const tftp = driver();
  const types: string[] = [];
  tftp.on("*", (event) => types.push(event.type));
  await tftp.start();
  await tftp.stop();
  expect(types.filter((type) => type !== "state")).toEqual(["listening", "stopped"]);
});

test("the logger gets a listener's error, and a warning for a stop that was not needed", async () => {
  const logger = { debug: log(), info: log(), warn: log(), error: log() };
  const tftp = driver({ logger });
  const error = new Error("mine");
  tftp.on("warning", () => {
    throw error;
  });
  await tftp.stop();
  expect(logger.warn).toHaveBeenCalledExactlyOnceWith(expect.anything(), "stop: the server is not running");
  expect(logger.error).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ err: error }),
    'a listener of the event "warning" failed',
  );
});

test("an error of the logger, or of a listener without a logger, is a warning of the process", async () => {
  const warned = vi.spyOn(process, "emitWarning").mockReturnValue();
  await driver({ logger: { debug: fail, info: fail, warn: fail, error: fail } }).stop();
  const tftp = driver();
  tftp.on("*", fail);
  await tftp.stop();
  expect(warned).toHaveBeenCalledTimes(2);
});

test("the driver's exported methods are methods", () => {
  const tftp = driver();
  expect(tftp.exportedMethods).toEqual([
    "start",
    "stop",
    "getHost",
    "getPort",
    "getAddresses",
    "snapshot",
    "history",
    "waitForTransfer",
    "probe",
    "reconfigure",
    "once",
    "events",
    "close",
  ]);
  for (const method of tftp.exportedMethods) expect(tftp[method]).toBeTypeOf("function");
});

function driver(options: TftpOptions = {}): Tftp {
  const tftp = new Tftp({ rootDir: directory, host: "127.0.0.1", port: 0, ...options });
  onTestFinished(() => tftp.close());
  return tftp;
}

function fail(): never {
  throw new Error("no");
}

function log(): ReturnType<typeof vi.fn<Logger["info"]>> {
  return vi.fn<Logger["info"]>();
}
