import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test, vi } from "vitest";
import { fakeWorker } from "../../helpers/fake-entry.ts";
import { fakeRoot } from "../../helpers/fake-behaviour.ts";
import { resolveOptions } from "../../../src/contract/options/resolve-options.ts";
import type { MappedMemory } from "../../../src/contract/thread/mapped-memory.ts";
import * as leftMemory from "../../../src/main/server/thread/left-memory.ts";
import { WorkerLink } from "../../../src/main/server/thread/worker-rpc.ts";

vi.mock("../../../src/main/server/thread/left-memory.ts", { spy: true });

const nobody = { onEvents: () => {}, openStore: async () => "", provideFile: async () => "not-mine" as const };

test("a thread that hangs and does not end within 5 s of terminate() is given up, as a crash", async () => {
  const { link, terminating } = unending();
  await link.call("start", resolveOptions({ rootDir: fakeRoot("busy-stop") }).server, 1);
  const pending = link.call("stop", 0).catch((error: unknown) => error);
  let end: unknown;
  void link.ended.then((ended) => (end = ended));
  fakeTimeouts();
  link.watch(50);
  await terminating;
  await vi.advanceTimersByTimeAsync(4_999);
  expect(end).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(end).toMatchObject({ asked: false, cause: { code: "WORKER_HUNG" } });
  expect(await pending).toMatchObject({ code: "WORKER_HUNG" });
});

test("terminate() of a thread that does not end resolves after 5 s", async () => {
  const { link } = unending();
  fakeTimeouts();
  let isDone = false;
  const done = link.terminate().then(() => (isDone = true));
  await vi.advanceTimersByTimeAsync(4_999);
  expect(isDone).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await done;
  expect(await link.ended).toEqual({ asked: true });
});

test("what a thread has mapped goes to the next one when it has ended, and not when it is given up", async () => {
  const { link, mapped, end } = unending();
  const region = { address: 4_096, length: 4_096 };
  mapped.add(region);
  fakeTimeouts();
  const done = link.terminate();
  await vi.advanceTimersByTimeAsync(5_000);
  await done;
  expect(leftMemory.tableForThread().regions).toEqual([]);
  vi.useRealTimers();
  await end();
  expect(leftMemory.tableForThread().regions).toEqual([region]);
  expect(leftMemory.tableForThread().regions).toEqual([]);
});

/** A thread that terminate() does not end, as if it were stuck in a system call, until `end` is called. */
function unending() {
  const link = new WorkerLink(nobody, { entry: fakeWorker });
  const mapped = vi.mocked(leftMemory.tableForThread).mock.results.at(-1)?.value as MappedMemory;
  const terminate = vi.spyOn(Worker.prototype, "terminate");
  const terminating = new Promise<void>((resolve) => {
    terminate.mockImplementation(() => {
      resolve();
      return new Promise(() => {});
    });
  });
  const end = async (): Promise<void> => {
    const [worker] = terminate.mock.contexts;
    terminate.mockRestore();
    await (worker as Worker | undefined)?.terminate();
    await link.terminate();
  };
  onTestFinished(end);
  return { link, mapped, terminating, end };
}

function fakeTimeouts(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}
