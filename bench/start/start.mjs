// Prints how long a thread that does nothing takes to start, and how long start() takes, in ms.
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { Tftp } from "../../dist/index.js";

const rootDir = mkdtempSync(join(tmpdir(), "tftp-start-"));
process.once("exit", () => rmSync(rootDir, { recursive: true }));

const bare = await timed(async () => {
  const worker = new Worker(new URL("bare-worker.mjs", import.meta.url));
  await once(worker, "message");
  return worker;
});
await bare.result.terminate();
const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir });
const started = await timed(() => tftp.start());
await tftp.close();
console.log(bare.ms, started.ms);

async function timed(work) {
  const began = performance.now();
  const result = await work();
  return { result, ms: performance.now() - began };
}
