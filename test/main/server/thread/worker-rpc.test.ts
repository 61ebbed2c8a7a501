import { expect, onTestFinished, test } from "vitest";
import { fakeWorker } from "../../../helpers/fake-entry.ts";
import { type FakeBehaviour, fakeRoot } from "../../../helpers/fake-behaviour.ts";
import { TftpError } from "../../../../src/contract/errors.ts";
import type { Endpoint } from "../../../../src/contract/endpoint.ts";
import { resolveOptions } from "../../../../src/contract/options/resolve-options.ts";
import { WorkerLink } from "../../../../src/main/server/thread/worker-rpc.ts";

const nobody = { onEvents: () => {}, openStore: async () => "", provideFile: async () => "not-mine" as const };

test("a call is answered by the worker", async () => {
  const link = open();
  await expect(start(link, "well")).resolves.toEqual([{ address: "127.0.0.1", port: 4242 }]);
  await expect(link.call("closeProbe", "x")).resolves.toBeUndefined();
});

test("an error keeps its class, code and cause across the thread boundary", async () => {
  const error: unknown = await start(open(), "refuse-start").catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TftpError);
  expect(error).toMatchObject({ code: "ADDRESS_IN_USE", cause: { code: "EADDRINUSE", message: "bind EADDRINUSE" } });
});

test("what cannot be cloned rejects its call, and the thread lives on", async () => {
  const link = open();
  await expect(link.call("stop", (() => 0) as unknown as number)).rejects.toMatchObject({ name: "DataCloneError" });
  await expect(start(link, "well")).resolves.toBeDefined();
});

test("an uncaught error in the thread rejects every pending call, with the error as its cause", async () => {
  const link = open();
  await start(link, "crash-on-call");
  const calls = await Promise.allSettled([link.call("snapshot"), link.call("snapshot")]);
  for (const call of calls) {
    expect(call).toMatchObject({
      status: "rejected",
      reason: { code: "WORKER_CRASHED", cause: { message: "crashed in a call" } },
    });
  }
  expect(await link.ended).toMatchObject({ asked: false, cause: { code: "WORKER_CRASHED" } });
});

test("process.exit in the thread rejects the pending call with its exit code", async () => {
  const link = open();
  await start(link, "exit-on-call");
  await expect(link.call("snapshot")).rejects.toMatchObject({
    code: "WORKER_CRASHED",
    message: expect.stringContaining("code 3") as string,
  });
});

test("running out of memory rejects the pending call", async () => {
  const link = open({ resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 } });
  await expect(start(link, "greedy-start")).rejects.toMatchObject({
    code: "WORKER_CRASHED",
    cause: { code: "ERR_WORKER_OUT_OF_MEMORY" },
  });
});

test("a call to a dead worker rejects", async () => {
  const link = open();
  await expect(start(link, "exit-start")).rejects.toMatchObject({ code: "WORKER_CRASHED" });
  await expect(link.call("snapshot")).rejects.toMatchObject({ code: "WORKER_CRASHED" });
  expect(() => link.assertAlive()).toThrow(TftpError);
});

test("terminate rejects pending calls, and later ones, with the reason it was given", async () => {
  const link = open();
  const pending = start(link, "mute-start").catch((error: unknown) => error);
  const reason = new TftpError("ABORTED", "enough");
  await link.terminate(reason);
  expect(await pending).toBe(reason);
  await expect(link.call("snapshot")).rejects.toBe(reason);
  expect(await link.ended).toEqual({ asked: true });
});

test("terminate without a reason says that the server is not running", async () => {
  const link = open();
  const pending = start(link, "mute-start").catch((error: unknown) => error);
  await link.terminate();
  expect(await pending).toMatchObject({ code: "NOT_RUNNING" });
});

function open(options?: ConstructorParameters<typeof WorkerLink>[1]): WorkerLink {
  const link = new WorkerLink(nobody, { entry: fakeWorker, ...options });
  onTestFinished(() => link.terminate());
  return link;
}

function start(link: WorkerLink, behaviour: FakeBehaviour): Promise<readonly Endpoint[]> {
  return link.call("start", resolveOptions({ rootDir: fakeRoot(behaviour), workerUrl: fakeWorker }).server, 1);
}
