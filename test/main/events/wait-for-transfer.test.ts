import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fakeWorker } from "../../helpers/fake-entry.ts";
import { type FakeBehaviour, fakeRoot } from "../../helpers/fake-behaviour.ts";
import type { TransferEndedEvent } from "../../../src/contract/events/events.ts";
import { TransferWaits } from "../../../src/main/events/wait-for-transfer.ts";
import { Tftp, TftpError, type TftpOptions } from "../../../src/index.ts";

const client = { address: "10.0.0.17", port: 2_070 };
const common = { bytes: 5_000, durationMs: 12, retransmissions: 0, blockSize: 512, windowSize: 1 } as const;

describe("among events", () => {
  test("the first transfer that matches resolves the wait; one that ended before the call does not, however late its event is", async () => {
    const waits = new TransferWaits();
    const now = Date.now();
    const wait = waits.add({ file: "a" }, {});
    const events = [ended({ id: 1, at: now - 20 }), ended({ id: 2, file: "b" }), ended({ id: 3 }), ended({ id: 4 })];
    for (const event of events) waits.see(event);
    await expect(wait).resolves.toMatchObject({ id: 3 });
  });

  test("a wait outlasts a system clock that is set back or forth", async () => {
    const waits = new TransferWaits();
    const real = Date.now();
    const wait = waits.add({}, {});
    const clock = vi.spyOn(Date, "now");
    clock.mockImplementation(() => real - 3_600_000);
    waits.see(ended({ id: 1, at: real - 3_620_000 }));
    waits.see(ended({ id: 2, at: real - 3_599_000 }));
    await expect(wait).resolves.toMatchObject({ id: 2 });
    const next = waits.add({}, {});
    clock.mockImplementation(() => real + 3_600_000);
    waits.see(ended({ id: 3, at: real - 3_601_000 }));
    waits.see(ended({ id: 4, at: real + 3_600_000 }));
    await expect(next).resolves.toMatchObject({ id: 4 });
  });

  test("each of many waits for a transfer gets it", async () => {
    const waits = new TransferWaits();
    const all = [waits.add({}, {}), waits.add({ outcome: "complete" }, {}), waits.add({ client: client.address }, {})];
    waits.see(ended());
    expect((await Promise.all(all)).map(({ id }) => id)).toEqual([1, 1, 1]);
  });

  test("the message of WAIT_TIMEOUT names what was seen meanwhile, the nearest first", async () => {
    const waits = new TransferWaits();
    const wait = waits.add({ file: "board1/zImage", client: "10.0.0.17" }, { timeoutMs: 20 });
    const other = { address: "10.0.0.99", port: 1 };
    waits.see(ended({ id: 1, file: "x", client: other }));
    waits.see({ type: "progress", at: 0, id: 2, file: "y", client, bytes: 100, bytesPerSecond: 1 });
    waits.see(ended({ id: 2, file: "y", outcome: "timed-out", bytes: 512 }));
    for (let count = 0; count < 3; count++) {
      waits.see({ type: "refused", at: 0, reason: "not-found", file: "board1/zimage", client, errorCode: 1 });
    }
    const error: unknown = await wait.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TftpError);
    expect(error).toMatchObject({
      code: "WAIT_TIMEOUT",
      message:
        "no transfer of board1/zImage to 10.0.0.17 has ended within 20 ms; meanwhile: " +
        `y to 10.0.0.17:${client.port}: timed out after 512 B, 12 ms; ` +
        `board1/zimage to 10.0.0.17:${client.port}: refused, not found (3 times); ` +
        "x to 10.0.0.99:1: 4.9 KiB in 12 ms, 407 KiB/s",
    });
  });

  test("the message of WAIT_TIMEOUT says if nothing happened, and names at most ten events", async () => {
    const quiet = new TransferWaits().add({ file: /x/ }, { timeoutMs: 1 });
    await expect(quiet).rejects.toThrow("no transfer of /x/ has ended within 1 ms; meanwhile: nothing");
    const waits = new TransferWaits();
    const busy = waits.add({ outcome: ["complete", "unconfirmed"] }, { timeoutMs: 1 });
    for (let id = 1; id <= 15; id++) waits.see(ended({ id, outcome: "replaced" }));
    await expect(busy).rejects.toThrow(/^no transfer as complete or unconfirmed .*; and 5 more$/);
  });

  test.each([0, 1.5, 2 ** 31, Number.NaN])("a timeoutMs of %d is INVALID_OPTION", async (timeoutMs) => {
    await expect(new TransferWaits().add({}, { timeoutMs })).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});

describe("it rejects", () => {
  test("a wait rejects with NOT_RUNNING if the server is not running", async () => {
    await expect(driver().waitForTransfer()).rejects.toMatchObject({ code: "NOT_RUNNING" });
  });

  test("a wait rejects with NOT_RUNNING when the server is stopped", async () => {
    const tftp = await running();
    const wait = codeOf(tftp.waitForTransfer());
    await tftp.stop();
    expect(await wait).toBe("NOT_RUNNING");
  });

  test("a wait does not reject before the stop has ended: a transfer may still end in its grace", async () => {
    const tftp = await running("slow-stop");
    const wait = codeOf(tftp.waitForTransfer());
    const stopping = tftp.stop();
    const late = codeOf(tftp.waitForTransfer());
    expect(await Promise.race([wait, late, Promise.resolve("pending")])).toBe("pending");
    await stopping;
    expect(await Promise.all([wait, late])).toEqual(["NOT_RUNNING", "NOT_RUNNING"]);
  });

  test("a wait rejects with CLOSED when the driver is closed", async () => {
    const tftp = await running();
    const wait = codeOf(tftp.waitForTransfer());
    await tftp.close();
    expect(await wait).toBe("CLOSED");
  });

  test("a wait during a start rejects with the start's error", async () => {
    const tftp = driver("refuse-start");
    const starting = codeOf(tftp.start());
    const wait = codeOf(tftp.waitForTransfer());
    expect(await Promise.all([starting, wait])).toEqual(["ADDRESS_IN_USE", "ADDRESS_IN_USE"]);
  });

  test("a wait rejects with WORKER_CRASHED if the thread has died for good", async () => {
    const tftp = driver("crash-on-call", { restart: "never" });
    await tftp.start();
    const wait = tftp.waitForTransfer();
    const crashing = tftp.snapshot();
    await expect(wait).rejects.toMatchObject({ code: "WORKER_CRASHED", cause: { message: "crashed in a call" } });
    await crashing;
  });

  test("a wait does not reject if the thread is restarted: the board will ask again", async () => {
    const tftp = await running("crash-on-call");
    const restarted = new Promise((resolve) => tftp.on("restarted", resolve));
    const controller = new AbortController();
    const wait = codeOf(tftp.waitForTransfer({}, { signal: controller.signal }));
    await tftp.snapshot();
    await restarted;
    controller.abort();
    expect(await wait).toBe("ABORTED");
  });

  test("a wait rejects with ABORTED by its signal, the reason being the cause; also by one that has fired already", async () => {
    const tftp = await running();
    const controller = new AbortController();
    const wait = tftp.waitForTransfer({}, { signal: controller.signal });
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(wait).rejects.toMatchObject({ code: "ABORTED", cause: reason });
    await expect(tftp.waitForTransfer({}, { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
  });

  test("a wait rejects once, whatever comes at the same time: abort, stop, and close", async () => {
    const tftp = await running();
    const controller = new AbortController();
    const wait = codeOf(tftp.waitForTransfer({}, { signal: controller.signal, timeoutMs: 1 }));
    const stopping = tftp.stop();
    controller.abort();
    await Promise.all([stopping, tftp.close()]);
    expect(await wait).toBe("ABORTED");
  });
});

function ended(change: Partial<TransferEndedEvent> = {}): TransferEndedEvent {
  return {
    type: "transfer-ended",
    at: Date.now(),
    id: 1,
    file: "a",
    client,
    outcome: "complete",
    ...common,
    ...change,
  };
}

function driver(behaviour: FakeBehaviour = "well", options: TftpOptions = {}): Tftp {
  const tftp = new Tftp({ rootDir: fakeRoot(behaviour), workerUrl: fakeWorker, ...options });
  onTestFinished(() => tftp.close());
  return tftp;
}

async function running(behaviour?: FakeBehaviour): Promise<Tftp> {
  const tftp = driver(behaviour);
  await tftp.start();
  return tftp;
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "resolved",
    (error: unknown) => (error as TftpError).code,
  );
}
