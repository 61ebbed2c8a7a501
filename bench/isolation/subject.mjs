// An agent's process: a server, and a main thread that can be kept busy, or watched. Driven by messages of its parent.
// usage: fork subject.mjs [ours | npm-tftp] PORT DIR
import { monitorEventLoopDelay } from "node:perf_hooks";
import { BroadcastChannel } from "node:worker_threads";

const [kind, port, rootDir] = process.argv.slice(2);
const NANOSECONDS = 1e6;

let tftp;

const servers = {
  ours: async () => {
    const { Tftp } = await import("../../dist/index.js");
    // All clients of a load come from one address.
    tftp = new Tftp({ host: "127.0.0.1", port: Number(port), rootDir, maxTransfersPerClient: 1_024 });
    tftp.on("warning", (event) => console.error(event));
    await tftp.start();
  },
  "npm-tftp": async () => {
    const { default: npmTftp } = await import("tftp");
    const most = { blockSize: 65_464, windowSize: 64 };
    const server = npmTftp.createServer({
      host: "127.0.0.1",
      port: Number(port),
      root: rootDir,
      denyPUT: true,
      ...most,
    });
    server.on("error", (error) => console.error(error));
    // A client that leaves early is an error to this package, and without a listener a crash.
    server.on("request", (request) => request.on("error", () => {}));
    await new Promise((resolve) => {
      server.on("listening", resolve);
      server.listen();
    });
  },
};

const orders = {
  /** Keeps the main thread from doing anything else. */
  spin: (ms) => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
  /** How late the main thread's event loop is, over so long, in ms. */
  watch: async (ms) => {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await new Promise((resolve) => setTimeout(resolve, ms));
    delay.disable();
    return { p50: delay.percentile(50) / NANOSECONDS, p99: delay.percentile(99) / NANOSECONDS };
  },
  /** Kills the server's thread (crash-on-demand.mjs); how long until the port is bound again, in ms. */
  crash: async () => {
    const restarted = new Promise((resolve) => tftp.on("restarted", resolve));
    const begin = performance.now();
    const channel = new BroadcastChannel("crash");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    channel.postMessage("now");
    channel.close();
    await restarted;
    return performance.now() - begin;
  },
};

await servers[kind]();
process.on("message", ({ order, ms }) => void carryOut(order, ms));
process.send("serving");

async function carryOut(order, ms) {
  process.send({ done: await orders[order](ms) });
}
