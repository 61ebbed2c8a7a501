import { expect, test } from "vitest";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers, workerDying } from "../helpers/crashes.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": noise(3_000) };
const workerHeapBytes = 64 * 1_024 * 1_024;

describeOnEachTransport("a thread that runs out of memory", (transport) => {
  test("a thread that runs out of memory is reported, and its port served again by another one", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, workerHeapBytes }, files);
    const { wellKnown } = server;
    const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
    const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
    crashWorkers("out-of-memory");
    expect(await crashed).toMatchObject({
      cause: { code: "WORKER_CRASHED", message: expect.stringContaining("memory") as unknown },
    });
    expect(await restarted).toMatchObject({ host: wellKnown.address, port: wellKnown.port, attempt: 1 });
    expect((await download(await server.client(), "a.bin")).content).toEqual(files["a.bin"]);
  });

  test("a thread that dies answers no call any more: a snapshot shows what was last known", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, workerHeapBytes }, files);
    const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
    const dying = workerDying();
    crashWorkers("out-of-memory");
    // It takes its time to die, and answers no more meanwhile.
    await dying;
    const calls = [server.tftp.snapshot(), server.tftp.snapshot()];
    for (const snapshot of await Promise.all(calls)) expect(snapshot).toMatchObject({ transfers: [] });
    await crashed;
  });
});
