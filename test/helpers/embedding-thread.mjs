// A thread that embeds the driver, as a test runner's does. It says which port is bound, and is terminated then.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { Tftp } = await import("../../src/index.ts");
const tftp = new Tftp({ ...workerData, host: "127.0.0.1", port: 0, startTimeoutMs: 30_000, journal: false });
await tftp.start();
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort.postMessage(await tftp.getPort());
