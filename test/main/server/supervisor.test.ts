import { describe, expect, onTestFinished, test, vi } from "vitest";
import { fakeWorker } from "../../helpers/fake-entry.ts";
import { type FakeBehaviour, fakeRoot } from "../../helpers/fake-behaviour.ts";
import { Tftp, type TftpEvent, type TftpOptions } from "../../../src/index.ts";

test("a thread that dies is restarted, and both events are emitted", async () => {
  const { tftp, events } = await crashed("crash-on-call");
  expect(tftp.state).toBe("starting");
  await tftp.once("restarted");
  expect(tftp.state).toBe("running");
  // What the new thread itself has to tell comes by a way of its own.
  expect(events.filter(({ type }) => type === "worker-crashed" || type === "restarted")).toMatchObject([
    { type: "worker-crashed", cause: { code: "WORKER_CRASHED" }, restartInMs: 100 },
    { type: "restarted", host: "127.0.0.1", port: 4242, attempt: 1 },
  ]);
});

test("with an empty host a restarted thread looks for the default route's address anew, and keeps the port", async () => {
  const { tftp } = await crashed("move-restart", { host: "" });
  expect(await tftp.once("restarted")).toMatchObject({ host: "127.0.0.2", port: 4242 });
  expect(await tftp.getHost()).toBe("127.0.0.2");
});

test("with a host, a restarted thread is given that host", async () => {
  const { tftp } = await crashed("move-restart", { host: "127.0.0.1" });
  expect(await tftp.once("restarted")).toMatchObject({ host: "127.0.0.1", port: 4242 });
});

test("a restarted thread continues the transfer numbers of the dead one", async () => {
  const { tftp } = await crashed("crash-on-call");
  expect(await tftp.once("progress")).toMatchObject({ id: 2 });
});

test("a snapshot shows the counters as they were last known if the thread dies while it is asked", async () => {
  const tftp = await running("crash-on-call", { restart: "never" });
  const { state, transfers, counters, loopDelay } = await tftp.snapshot();
  expect({ state, transfers, requests: counters.requests, loopDelay }).toEqual({
    state: "failed",
    transfers: [],
    requests: 1,
    loopDelay: undefined,
  });
});

test("process.exit in the thread is a crash like any other", async () => {
  const tftp = await running("exit-on-call");
  const restarted = tftp.once("restarted");
  expect(await tftp.snapshot()).toMatchObject({ transfers: [] });
  await restarted;
  expect(tftp.state).toBe("running");
});

test("after five restarts in a minute the next crash leaves the driver failed; start() may be called again", async () => {
  const tftp = await running("crash-on-call");
  const delays: unknown[] = [];
  tftp.on("worker-crashed", (event) => delays.push(event.restartInMs));
  for (let crash = 0; crash < 5; crash++) {
    const restarted = tftp.once("restarted");
    await tftp.snapshot().catch(() => {});
    expect(await restarted).toMatchObject({ attempt: crash + 1 });
  }
  await tftp.snapshot().catch(() => {});
  expect(tftp.state).toBe("failed");
  expect(delays).toEqual([100, 200, 400, 800, 1_600, undefined]);

  await tftp.start();
  const restarted = tftp.once("restarted");
  await tftp.snapshot().catch(() => {});
  expect(await restarted).toMatchObject({ attempt: 1 });
});

describe("a restart that fails", () => {
  test.each([
    ["refuse-restart", "ADDRESS_IN_USE"],
    ["crash-restart", "WORKER_CRASHED"],
  ] as const)("a restart that fails is reported, and tried again (%s)", async (behaviour, code) => {
    const { tftp } = await crashed(behaviour);
    expect(await tftp.once("worker-crashed")).toMatchObject({ cause: { code }, restartInMs: 200 });
    expect(tftp.state).toBe("starting");
  });

  test("a restart that does not answer in startTimeoutMs is reported, and tried again", async () => {
    const { tftp } = await crashed("mute-restart", { startTimeoutMs: 60_000 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const failed = tftp.once("worker-crashed");
    // The timer of the pause before the restart began in real time.
    await vi.waitUntil(() => vi.getTimerCount() > 0, { timeout: 60_000 });
    vi.advanceTimersByTime(60_000);
    expect(await failed).toMatchObject({ cause: { code: "START_TIMEOUT" }, restartInMs: 200 });
    expect(tftp.state).toBe("starting");
  });

  test("a restart that fails for the fifth time leaves the driver failed, and a start() that had joined rejects", async () => {
    const { tftp, events } = await crashed("refuse-restart");
    await expect(tftp.start()).rejects.toMatchObject({ code: "ADDRESS_IN_USE" });
    expect(tftp.state).toBe("failed");
    const crashes = events.filter((event) => event.type === "worker-crashed");
    expect(crashes.map((event) => event.restartInMs)).toEqual([100, 200, 400, 800, 1_600, undefined]);
  });
});

describe.each([
  ["waits for its time", "crash-on-call", 0],
  ["is under way", "mute-restart", 250],
] as const)("while a restart %s", (_, behaviour, ms) => {
  async function restarting(): ReturnType<typeof crashed> {
    const driver = await crashed(behaviour);
    await new Promise((resolve) => setTimeout(resolve, ms));
    expect(driver.tftp.state).toBe("starting");
    return driver;
  }

  test("stop() during a restart gives it up, emits stopped, and nothing is restarted later", async () => {
    const { tftp, events } = await restarting();
    await tftp.stop();
    expect(tftp.state).toBe("stopped");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(tftp.state).toBe("stopped");
    expect(events.map((event) => ("state" in event ? event.state : event.type))).toEqual([
      "worker-crashed",
      "starting",
      "stopping",
      "stopped",
      "stopped",
    ]);
  });

  test("close() during a restart gives it up", async () => {
    const { tftp } = await restarting();
    await tftp.close();
    expect(tftp.state).toBe("stopped");
  });

  test("a start() that has joined a restart rejects: by stop() with ABORTED, by close() with CLOSED", async () => {
    for (const [end, code] of [
      ["stop", "ABORTED"],
      ["close", "CLOSED"],
    ] as const) {
      const { tftp } = await restarting();
      const joined = tftp.start().catch((error: unknown) => error);
      await tftp[end]();
      expect(await joined).toMatchObject({ code });
    }
  });

  test("the signal of a start() that has joined a restart ends that start's wait only", async () => {
    const { tftp } = await restarting();
    await expect(tftp.start({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    expect(tftp.state).toBe("starting");
  });

  test("a start() right after a stop() during a restart waits for the stop, and then runs a thread of its own", async () => {
    const { tftp, events } = await restarting();
    const stopping = tftp.stop();
    const starting = tftp.start();
    await stopping;
    // A mute one does not answer this time either.
    if (behaviour === "mute-restart") return expectAborted(tftp, starting);
    await starting;
    expect(tftp.state).toBe("running");
    expect(events.some(({ type }) => type === "restarted")).toBe(false);
  });

  test("getHost() and getPort() return what was bound during a restart, and the configured port after a stop", async () => {
    const { tftp } = await restarting();
    expect(await Promise.all([tftp.getHost(), tftp.getPort()])).toEqual(["127.0.0.1", 4242]);
    await tftp.stop();
    expect(await tftp.getPort()).toBe(69);
  });
});

test("start() while restarting warns, and resolves once it serves again", async () => {
  const { tftp, events } = await crashed("crash-on-call");
  await tftp.start();
  expect(tftp.state).toBe("running");
  expect(events).toContainEqual(expect.objectContaining({ message: "start: the server is already starting" }));
});

test("a listener that stops the driver on the crash's event is obeyed", async () => {
  const tftp = await running("crash-on-call");
  const stopped = new Promise<void>((resolve) => {
    tftp.on("worker-crashed", () => resolve(tftp.stop()));
  });
  await tftp.snapshot().catch(() => {});
  await stopped;
  expect(tftp.state).toBe("stopped");
});

async function expectAborted(tftp: Tftp, starting: Promise<unknown>): Promise<void> {
  const outcome = starting.catch((error: unknown) => error);
  await tftp.stop();
  expect(await outcome).toMatchObject({ code: "ABORTED" });
}

interface Watched {
  readonly tftp: Tftp;
  /** From the crash on. */
  readonly events: readonly TftpEvent[];
}

/** A driver whose thread has just died, while it was running. */
async function crashed(behaviour: FakeBehaviour, options?: TftpOptions): Promise<Watched> {
  const tftp = await running(behaviour, options);
  const events: TftpEvent[] = [];
  tftp.on("*", (event) => events.push(event));
  expect(await tftp.snapshot()).toMatchObject({ transfers: [] });
  return { tftp, events };
}

async function running(behaviour: FakeBehaviour, options: TftpOptions = {}): Promise<Tftp> {
  const tftp = new Tftp({ rootDir: fakeRoot(behaviour), workerUrl: fakeWorker, stopGraceMs: 0, ...options });
  onTestFinished(() => tftp.close());
  const numbered = tftp.once("progress");
  await tftp.start();
  await numbered;
  return tftp;
}
