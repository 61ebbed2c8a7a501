// A thread that drives a driver of its parent's. It says what the parent asks for by name.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { connectDriver, TftpError } = await import("../../../src/index.ts");
const tftp = connectDriver(workerData);
async function* kernel() {
  yield Buffer.from("ker");
  yield Buffer.from("nel");
}
const jobs = {
  async boot() {
    await tftp.storage.write("zImage", kernel());
    const { port } = await tftp.start();
    const ended = tftp.waitForTransfer({ file: "zImage" });
    return { port, ended: ended.then(({ outcome }) => outcome) };
  },
  async failure() {
    const error = await tftp.storage.readBytes("nowhere").catch((thrown) => thrown);
    return { isTftpError: error instanceof TftpError, code: error.code };
  },
};
// oxlint-disable unicorn/require-post-message-target-origin -- threads have no origin
parentPort.on("message", (job) => void run(job));

async function run(job) {
  for (const [name, value] of Object.entries(await jobs[job]())) parentPort.postMessage([name, await value]);
}
parentPort.postMessage(["ready", true]);
