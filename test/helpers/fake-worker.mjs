// A worker that misbehaves as its `rootDir` says, in the words of fake-behaviour.ts: "fake:mute-start". Plain
// JavaScript, for it is a thread's entry on Node 20 too.
import { basename } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import * as comlink from "comlink";
import nodeEndpoint from "comlink/dist/umd/node-adapter.js";

const never = new Promise(() => {});
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let behaviour = "";
let expedite;

const starts = {
  "mute-start": () => never,
  "slow-start": () => wait(300),
  "crash-start": () => crash("crashed in start"),
  "exit-start": () => process.exit(7),
  "greedy-start": () => {
    const hoard = [];
    for (;;) hoard.push([...hoard, 0]);
  },
  "refuse-start": () => {
    const cause = { name: "Error", message: "bind EADDRINUSE", code: "EADDRINUSE", tftp: false };
    throw { name: "TftpError", message: "the port is in use", code: "ADDRESS_IN_USE", cause, tftp: true };
  },
  // The first thread starts well, those that come after it do not.
  "refuse-restart": (firstTransferId) => firstTransferId > 1 && starts["refuse-start"](),
  "mute-restart": (firstTransferId) => firstTransferId > 1 && never,
  "crash-restart": (firstTransferId) => firstTransferId > 1 && starts["crash-start"](),
  "slow-restart": (firstTransferId) => firstTransferId > 1 && wait(300),
  // The default route leaves from another address by then.
  "move-restart": () => {},
};

const stops = {
  "mute-stop": () => never,
  "busy-stop": () => {
    for (;;);
  },
  "slow-stop": () => wait(300),
  "patient-stop": (graceMs) => (graceMs === 0 ? expedite?.() : new Promise((resolve) => (expedite = resolve))),
  "crash-stop": () => crash("crashed in stop"),
  "refuse-stop": () => {
    throw { name: "TftpError", message: "stuck", code: "INTERNAL", tftp: true };
  },
};

const others = new Set(["well", "crash-on-call", "exit-on-call"]);

/** A word that is missing here would be a thread that behaves well, and a test that proves nothing. */
function assertKnown() {
  if (behaviour in starts || behaviour in stops || others.has(behaviour) || behaviour.startsWith("probe-")) return;
  throw new Error(`fake-worker.mjs knows no behaviour "${behaviour}"`);
}

function crashesOnCall() {
  return behaviour === "crash-on-call" || behaviour.endsWith("-restart");
}

/** An uncaught error, as in a timer's callback: the call that brought it about is never answered. */
function crash(message) {
  setImmediate(() => {
    throw new Error(message);
  });
  return never;
}

const heartbeat = new Int32Array(workerData.heartbeat.shared);
workerData.heartbeat.wakeup.on("message", () => Atomics.store(heartbeat, 1, Atomics.load(heartbeat, 0))).unref();

const endpoint = nodeEndpoint(parentPort);
const main = comlink.wrap(endpoint);
comlink.expose(
  {
    async start(config, firstTransferId) {
      behaviour = basename(config.rootDir).replace("fake:", "");
      assertKnown();
      await starts[behaviour]?.(firstTransferId);
      const client = { address: "127.0.0.1", port: 4 };
      const hasMoved = behaviour === "move-restart" && firstTransferId > 1 && config.host === "";
      const address = hasMoved ? "127.0.0.2" : "127.0.0.1";
      const events = [
        {
          type: "listening",
          at: 1,
          host: address,
          port: 4242,
          addresses: [{ host: address, port: 4242 }],
          transport: "dgram",
        },
        { type: "progress", at: 2, id: firstTransferId, file: "a", client, bytes: 0, bytesPerSecond: 0 },
      ];
      void main.onEvents(events, { requests: 1, transfers: {}, refused: {}, dropped: {} });
      return [{ address, port: 4242 }];
    },
    async stop(graceMs) {
      await stops[behaviour]?.(graceMs);
    },
    async snapshot() {
      if (behaviour === "exit-on-call") process.exit(3);
      return crashesOnCall() ? crash("crashed in a call") : never;
    },
    // "probe-1234": what is probed is on that port of the loopback interface.
    openProbe: async () =>
      behaviour.startsWith("probe-") ? { address: "127.0.0.1", port: Number(behaviour.slice(6)) } : never,
    closeProbe: async () => {},
    reconfigure: async () => {},
  },
  endpoint,
);
