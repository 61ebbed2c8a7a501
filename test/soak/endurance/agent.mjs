// An agent under everything at once: the built driver in a process of its own, so that the memory, the descriptors and
// the memory maps that the soak judges are the agent's and nothing else's. Its parent drives it by messages.
// usage: fork agent.mjs ROOT TRANSPORT
import { createReadStream } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { BroadcastChannel } from "node:worker_threads";
import { Tftp } from "../../../dist/index.js";

const [rootDir, transport] = process.argv.slice(2);
const NANOSECONDS = 1e6;

const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir, transport, journal: false, stopGraceMs: 2_000 });
const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

/** What the listeners got to see. Plain sums: the soak itself must not be what grows. */
const seen = { crashes: 0, restarts: 0, hung: 0, warnings: {}, outcomes: {}, failures: {} };
const count = (sums, key) => (sums[key] = (sums[key] ?? 0) + 1);
tftp.on("worker-crashed", ({ cause }) => (cause.code === "WORKER_HUNG" ? seen.hung++ : seen.crashes++));
tftp.on("restarted", () => seen.restarts++);
tftp.on("warning", ({ message }) => count(seen.warnings, message.replaceAll(/\d+/g, "N").slice(0, 200)));
tftp.on("transfer-ended", (event) => {
  count(seen.outcomes, event.outcome);
  if (event.outcome === "failed") count(seen.failures, `${event.file}: ${event.cause?.message ?? event.error?.text}`);
});
tftp.addFile("virtual/*", ({ file }) => `made for ${file}\n`);
tftp.addFile("hung/*", () => new Promise(() => {}));

let toggled = false;
const orders = {
  start: async () => await tftp.start(),
  /** Keeps this thread from doing anything else; the worst delay that follows is not the driver's doing. */
  block: (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
    delay.reset();
  },
  crash: (death) => {
    const channel = new BroadcastChannel("crash");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    channel.postMessage(death);
    channel.close();
  },
  /** By so many ms, in all threads. */
  setClock: (ms) => {
    const channel = new BroadcastChannel("clock");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    channel.postMessage(ms);
    channel.close();
  },
  /** The call that a step of the clock must not break: the next board that gets this file. */
  waitFor: async (file) => (await tftp.waitForTransfer({ file, outcome: "complete" }, { timeoutMs: 60_000 })).file,
  restart: async () => {
    await tftp.stop();
    return await tftp.start();
  },
  reconfigure: async () => {
    toggled = !toggled;
    await tftp.reconfigure({ maxWindowSize: toggled ? 8 : 64, deny: toggled ? ["127.0.0.66"] : [] });
  },
  upload: async (source) => await tftp.storage.write("uploaded.bin", createReadStream(source), { sync: false }),
  /** Also while no thread runs. */
  restarts: () => seen.restarts,
  report: async () => {
    globalThis.gc?.();
    const { counters, transfers, state } = await tftp.snapshot();
    const loop = { p99: delay.percentile(99) / NANOSECONDS, max: delay.max / NANOSECONDS };
    return { counters, running: transfers.length, state, loop, seen };
  },
  end: async () => {
    await tftp.close();
    delay.disable();
  },
};

process.on("message", ({ id, order, argument }) => void carryOut(id, order, argument));
process.send("ready");

async function carryOut(id, order, argument) {
  try {
    const answer = await orders[order](argument);
    process.send({ id, answer });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
}
