import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fakeWorker } from "../../helpers/fake-entry.ts";
import { type FakeBehaviour, fakeRoot } from "../../helpers/fake-behaviour.ts";
import { Tftp, type TftpOptions } from "../../../src/index.ts";
import { ServerThread } from "../../../src/main/server/thread/server-thread.ts";

describe("while stopped", () => {
  test("start() runs the server, and stop() ends it", async () => {
    const tftp = driver();
    expect(tftp.state).toBe("stopped");
    const starting = tftp.start();
    expect(tftp.state).toBe("starting");
    await starting;
    expect(tftp.state).toBe("running");
    const stopping = tftp.stop();
    expect(tftp.state).toBe("stopping");
    await stopping;
    expect(tftp.state).toBe("stopped");
  });

  test("stop() of a stopped driver warns and resolves", async () => {
    const tftp = driver();
    const warnings = warningsOf(tftp);
    await tftp.stop();
    expect(warnings).toEqual(["stop: the server is not running"]);
  });

  test("close() of a stopped driver resolves at once", async () => {
    await expect(driver().close()).resolves.toBeUndefined();
  });
});

describe("while starting", () => {
  test("a second start() while starting warns and shares the first's success", async () => {
    const tftp = driver("slow-start");
    const warnings = warningsOf(tftp);
    await Promise.all([tftp.start(), tftp.start()]);
    expect(tftp.state).toBe("running");
    expect(warnings).toEqual(["start: the server is already starting"]);
  });

  test("a second start() while starting shares the first's failure", async () => {
    const tftp = driver("refuse-start");
    expect(await codesOf(tftp.start(), tftp.start())).toEqual(["ADDRESS_IN_USE", "ADDRESS_IN_USE"]);
    expect(tftp.state).toBe("stopped");
  });

  test("start() after a stop() that gave a start up runs a thread of its own", async () => {
    const tftp = driver("slow-start");
    const first = codesOf(tftp.start());
    await tftp.stop();
    const second = tftp.start();
    expect(tftp.state).toBe("starting");
    expect(await first).toEqual(["ABORTED"]);
    await second;
    expect(tftp.state).toBe("running");
  });

  test("stop() while starting gives the start up: it rejects with ABORTED", async () => {
    const tftp = driver("mute-start");
    const starting = codesOf(tftp.start());
    await tftp.stop();
    expect(tftp.state).toBe("stopped");
    expect(await starting).toEqual(["ABORTED"]);
  });

  test("after a stop() that gave a start up, another start() runs the server", async () => {
    const tftp = driver("slow-start");
    const first = codesOf(tftp.start());
    const stopping = tftp.stop();
    await tftp.start();
    expect(tftp.state).toBe("running");
    await stopping;
    expect(await first).toEqual(["ABORTED"]);
    expect(tftp.state).toBe("running");
  });

  test("a stop() while the worker's answer is on its way gives the start up", async () => {
    const tftp = driver();
    // oxlint-disable-next-line typescript/unbound-method -- called with its own `this`, below
    const { start } = ServerThread.prototype;
    vi.spyOn(ServerThread.prototype, "start").mockImplementation(async function (this: ServerThread, order) {
      const bound = await start.call(this, order);
      void tftp.stop();
      return bound;
    });
    expect(await codesOf(tftp.start())).toEqual(["ABORTED"]);
    expect(tftp.state).toBe("stopped");
  });

  test("close() while starting gives the start up: it rejects with CLOSED", async () => {
    const tftp = driver("mute-start");
    const starting = codesOf(tftp.start());
    await tftp.close();
    expect(tftp.state).toBe("stopped");
    expect(await starting).toEqual(["CLOSED"]);
  });

  test("a crash rejects the start, which may be called again", async () => {
    const tftp = driver("crash-start");
    for (let round = 0; round < 2; round++) {
      await expect(tftp.start()).rejects.toMatchObject({
        code: "WORKER_CRASHED",
        cause: { message: "crashed in start" },
      });
      expect(tftp.state).toBe("stopped");
    }
  });

  test("a thread that does not answer in startTimeoutMs is ended: START_TIMEOUT", async () => {
    const tftp = driver("mute-start", { startTimeoutMs: 50 });
    expect(await codesOf(tftp.start())).toEqual(["START_TIMEOUT"]);
    expect(tftp.state).toBe("stopped");
  });
});

describe("while running", () => {
  test("start() while running warns and resolves", async () => {
    const tftp = await running();
    const warnings = warningsOf(tftp);
    await tftp.start();
    expect(warnings).toEqual(["start: the server is already running"]);
  });

  test("close() while running stops the server", async () => {
    const tftp = await running();
    await tftp.close();
    expect(tftp.state).toBe("stopped");
  });

  test("without restarts a crash is reported, and leaves the driver failed; start() runs it again", async () => {
    const tftp = await running("crash-on-call", { restart: "never" });
    const crashed = new Promise((resolve) => tftp.on("worker-crashed", resolve));
    await tftp.snapshot();
    expect(await crashed).toMatchObject({ cause: { code: "WORKER_CRASHED", cause: { message: "crashed in a call" } } });
    expect(tftp.state).toBe("failed");
    await tftp.start();
    expect(tftp.state).toBe("running");
  });
});

describe("while stopping", () => {
  test("start() while stopping waits for the stop to end, then starts", async () => {
    const tftp = await running("slow-stop");
    const order: string[] = [];
    const stopping = tftp.stop().then(() => order.push("stopped"));
    const starting = tftp.start().then(() => order.push("started"));
    expect(tftp.state).toBe("stopping");
    await Promise.all([stopping, starting]);
    expect(order).toEqual(["stopped", "started"]);
    expect(tftp.state).toBe("running");
  });

  test("two start() while stopping share one thread once the stop has ended", async () => {
    const tftp = await running("slow-stop");
    const warnings = warningsOf(tftp);
    await Promise.all([tftp.stop(), tftp.start(), tftp.start()]);
    expect(tftp.state).toBe("running");
    expect(warnings).toEqual(["start: the server is already starting"]);
  });

  test("a second stop() while stopping warns and joins the first", async () => {
    const tftp = await running("slow-stop");
    const warnings = warningsOf(tftp);
    await Promise.all([tftp.stop(), tftp.stop()]);
    expect(tftp.state).toBe("stopped");
    expect(warnings).toEqual(["stop: the server is already stopping"]);
  });

  test("a second stop() recalls a start that waits for the first", async () => {
    const tftp = await running("slow-stop");
    const stops = [tftp.stop()];
    const starting = codesOf(tftp.start());
    stops.push(tftp.stop());
    await Promise.all(stops);
    expect(await starting).toEqual(["ABORTED"]);
    expect(tftp.state).toBe("stopped");
  });

  test("close() while stopping joins the stop, and a start that waits for it rejects with CLOSED", async () => {
    const tftp = await running("slow-stop");
    const stopping = tftp.stop();
    const starting = codesOf(tftp.start());
    await Promise.all([stopping, tftp.close()]);
    expect(await starting).toEqual(["CLOSED"]);
    expect(tftp.state).toBe("stopped");
  });

  test("a crash while stopping is reported, and the stop resolves", async () => {
    const tftp = await running("crash-stop");
    const types = typesOf(tftp);
    await tftp.stop();
    expect(tftp.state).toBe("stopped");
    expect(types).toEqual(["worker-crashed"]);
  });

  test.each(["mute-stop", "busy-stop"] as const)(
    "a thread that does not answer the stop is ended two seconds after the grace (%s)",
    async (behaviour) => {
      const tftp = await running(behaviour);
      const types = typesOf(tftp);
      await tftp.stop({ graceMs: 0 });
      expect(tftp.state).toBe("stopped");
      expect(types).toEqual(["warning", "stopped"]);
    },
  );

  test("an error of the worker's stop is reported as a warning, and the thread ends all the same", async () => {
    const tftp = await running("refuse-stop");
    const warnings = warningsOf(tftp);
    await tftp.stop();
    expect(warnings).toEqual(["stop: stuck"]);
    expect(tftp.state).toBe("stopped");
  });
});

describe("while failed", () => {
  test("stop() of a failed driver warns and leaves it stopped", async () => {
    const tftp = await failed();
    const warnings = warningsOf(tftp);
    await tftp.stop();
    expect(tftp.state).toBe("stopped");
    expect(warnings).toEqual(["stop: the server is not running"]);
  });

  test("start() of a failed driver runs a new thread", async () => {
    const tftp = await failed();
    await tftp.start();
    expect(tftp.state).toBe("running");
  });

  test("close() of a failed driver leaves it stopped", async () => {
    const tftp = await failed();
    await tftp.close();
    expect(tftp.state).toBe("stopped");
  });
});

describe("once closed", () => {
  test("once closed, start() rejects with CLOSED, stop() warns and resolves, close() joins the first", async () => {
    const tftp = await running();
    await Promise.all([tftp.close(), tftp.close()]);
    expect(await codesOf(tftp.start())).toEqual(["CLOSED"]);
    await expect(tftp.stop()).resolves.toBeUndefined();
    await expect(tftp.close()).resolves.toBeUndefined();
  });

  test("leaving an `await using` scope closes", async () => {
    const tftp = await running();
    await tftp[Symbol.asyncDispose]();
    expect(await codesOf(tftp.start())).toEqual(["CLOSED"]);
  });
});

describe("signals", () => {
  const reason = new Error("enough");

  test("a start whose signal fired before spawns nothing", async () => {
    const tftp = driver();
    await expect(tftp.start({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({
      code: "ABORTED",
      cause: reason,
    });
    expect(tftp.state).toBe("stopped");
  });

  test("aborting a start ends its thread, and then rejects", async () => {
    const tftp = driver("mute-start");
    const controller = new AbortController();
    const starting = codesOf(tftp.start({ signal: controller.signal }));
    controller.abort();
    expect(await starting).toEqual(["ABORTED"]);
    expect(tftp.state).toBe("stopped");
  });

  test("the signal of a second start ends its own wait only", async () => {
    const tftp = driver("slow-start");
    const controller = new AbortController();
    const first = tftp.start();
    const second = codesOf(tftp.start({ signal: controller.signal }));
    controller.abort();
    expect(await second).toEqual(["ABORTED"]);
    await first;
    expect(tftp.state).toBe("running");
  });

  test("aborting a start that waits for a stop leaves the driver stopped", async () => {
    const tftp = await running("slow-stop");
    const stopping = tftp.stop();
    const controller = new AbortController();
    const starting = codesOf(tftp.start({ signal: controller.signal }));
    controller.abort();
    expect(await starting).toEqual(["ABORTED"]);
    await stopping;
    expect(tftp.state).toBe("stopped");
  });

  test("a signal that fires after its start does nothing", async () => {
    const tftp = driver();
    const controller = new AbortController();
    await tftp.start({ signal: controller.signal });
    controller.abort();
    await expect(tftp.getPort()).resolves.toBe(4242);
  });

  test("aborting a stop ends its grace", async () => {
    const tftp = await running("patient-stop");
    const controller = new AbortController();
    const stopping = tftp.stop({ graceMs: 3_600_000, signal: controller.signal });
    controller.abort();
    await stopping;
    expect(tftp.state).toBe("stopped");
  });

  test("the signal of a second stop ends the grace of the first", async () => {
    const tftp = await running("patient-stop");
    const first = tftp.stop({ graceMs: 3_600_000 });
    await Promise.all([first, tftp.stop({ signal: AbortSignal.abort() })]);
    expect(tftp.state).toBe("stopped");
  });
});

describe("the event state", () => {
  test("the event state has each change with the state before, and has been emitted when the call resolves", async () => {
    const tftp = driver();
    const changes: [string, string][] = [];
    tftp.on("state", ({ previous, state }) => changes.push([previous, state]));
    await tftp.start();
    expect(changes).toEqual([
      ["stopped", "starting"],
      ["starting", "running"],
    ]);
    await tftp.stop();
    expect(changes.slice(2)).toEqual([
      ["running", "stopping"],
      ["stopping", "stopped"],
    ]);
  });

  test("the state of a start that fails goes back to stopped", async () => {
    const tftp = driver("refuse-start");
    const states: string[] = [];
    tftp.on("state", ({ state }) => states.push(state));
    await codesOf(tftp.start());
    expect(states).toEqual(["starting", "stopped"]);
  });

  test("a listener of the event state can stop the driver as soon as it is starting", async () => {
    const tftp = driver("mute-start");
    const stopped = new Promise<void>((resolve) => {
      tftp.on("state", ({ state }) => state === "starting" && resolve(tftp.stop()));
    });
    expect(await codesOf(tftp.start())).toEqual(["ABORTED"]);
    await stopped;
    expect(tftp.state).toBe("stopped");
  });
});

test("a new thread continues the transfer numbers of the last one", async () => {
  const tftp = driver();
  const ids: number[] = [];
  tftp.on("progress", (event) => ids.push(event.id));
  for (let round = 0; round < 3; round++) {
    await tftp.start();
    await tftp.stop();
  }
  expect(ids).toEqual([1, 2, 3]);
});

function driver(behaviour: FakeBehaviour = "well", options: TftpOptions = {}): Tftp {
  const tftp = new Tftp({ rootDir: fakeRoot(behaviour), workerUrl: fakeWorker, ...options });
  onTestFinished(() => tftp.close());
  return tftp;
}

async function running(behaviour?: FakeBehaviour, options?: TftpOptions): Promise<Tftp> {
  const tftp = driver(behaviour, options);
  const listening = new Promise((resolve) => tftp.on("listening", resolve));
  await tftp.start();
  await listening;
  return tftp;
}

async function failed(): Promise<Tftp> {
  const tftp = await running("crash-on-call", { restart: "never" });
  await tftp.snapshot().catch(() => {});
  expect(tftp.state).toBe("failed");
  return tftp;
}

/** The codes that the calls reject with. */
async function codesOf(...calls: Promise<unknown>[]): Promise<unknown[]> {
  const results = await Promise.allSettled(calls);
  return results.map((result) =>
    result.status === "rejected" ? (result.reason as { code: string }).code : "resolved",
  );
}

/** The messages of the warnings from now on. */
function warningsOf(tftp: Tftp): string[] {
  const messages: string[] = [];
  tftp.on("warning", (event) => messages.push(event.message));
  return messages;
}

/** The types of the events from now on, without the changes of the state. */
function typesOf(tftp: Tftp): string[] {
  const types: string[] = [];
  tftp.on("*", ({ type }) => type !== "state" && types.push(type));
  return types;
}
