import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { fakeWorker } from "../../helpers/fake-entry.ts";
import { type FakeBehaviour, fakeRoot } from "../../helpers/fake-behaviour.ts";
import { Tftp } from "../../../src/index.ts";
import { data, error } from "../../helpers/raw-packets.ts";

test("a refusal by the server fails the probe, with the server's reason", async () => {
  const tftp = await running(`probe-${await answering(error(2, "go away"))}`);
  await expect(tftp.probe()).rejects.toMatchObject({
    code: "PROBE_FAILED",
    message: "the probe failed: go away (TFTP error 2)",
    cause: { name: "FetchFailed", errorCode: 2 },
  });
});

test("other bytes than those that are served fail the probe", async () => {
  const tftp = await running(`probe-${await answering(data(1, "something else"))}`);
  await expect(tftp.probe()).rejects.toMatchObject({
    code: "PROBE_FAILED",
    message: "the probe failed: the received bytes differ from those that were served",
  });
});

test("silence on the port fails the probe after timeoutMs", async () => {
  const tftp = await running(`probe-${await answering(undefined)}`);
  await expect(tftp.probe({ timeoutMs: 50 })).rejects.toMatchObject({
    code: "PROBE_FAILED",
    message: "the probe failed: no answer within 50 ms",
  });
});

test("a thread that does not answer fails the probe, too", async () => {
  const tftp = await running("well");
  await expect(tftp.probe({ timeoutMs: 50 })).rejects.toMatchObject({
    code: "PROBE_FAILED",
    message: "the probe failed: no answer within 50 ms",
  });
});

test("a stop() fails the probe that is under way", async () => {
  const tftp = await running("well");
  const probing = tftp.probe().catch((thrown: unknown) => thrown);
  await tftp.stop();
  expect(await probing).toMatchObject({ code: "PROBE_FAILED", cause: { code: "NOT_RUNNING" } });
});

test("a probe's signal ends it with ABORTED", async () => {
  const tftp = await running("well");
  const controller = new AbortController();
  const probing = tftp.probe({ signal: controller.signal }).catch((thrown: unknown) => thrown);
  const reason = new Error("enough");
  controller.abort(reason);
  expect(await probing).toMatchObject({ code: "ABORTED", cause: reason });
});

test("a timeoutMs out of range is INVALID_OPTION", async () => {
  const tftp = await running("well");
  await expect(tftp.probe({ timeoutMs: 0 })).rejects.toMatchObject({ code: "INVALID_OPTION" });
});

async function running(behaviour: FakeBehaviour): Promise<Tftp> {
  const tftp = new Tftp({ rootDir: fakeRoot(behaviour), workerUrl: fakeWorker });
  onTestFinished(() => tftp.close());
  await tftp.start();
  return tftp;
}

/** The port of a server that answers every datagram with this one, or with nothing. */
async function answering(reply: Buffer | undefined): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  onTestFinished(() => void socket.close());
  socket.on("message", (_: Buffer, { address, port }: RemoteInfo) => reply && socket.send(reply, port, address));
  await once(socket, "listening");
  return socket.address().port;
}
