// Our server with everything on that watches it, each more often than anybody needs it.
// usage: node watched.mjs HOST PORT DIR
import { openSync } from "node:fs";
import { setInterval } from "node:timers/promises";
import pino from "pino";
import { Registry } from "prom-client";
import { register } from "tsx/esm/api";
import { Tftp } from "../../dist/index.js";
import { collectMetrics } from "../../dist/metrics.js";

// The command has these, and the package exports neither.
register();
const { Activity } = await import("../../src/status/activity/activity.ts");
const { openUiServer } = await import("../../src/ui/ui-server.ts");

const [host, port, rootDir] = process.argv.slice(2);
const logger = pino({ level: "info" }, pino.destination({ fd: openSync("/dev/null", "w"), sync: false }));
const tftp = new Tftp({ host, port: Number(port), rootDir, maxTransfersPerClient: 1_024, logger });
const activity = new Activity();
tftp.on("*", (event) => activity.apply(event));
const registry = new Registry();
collectMetrics(tftp, { registry });
await tftp.start();
const ui = await openUiServer(activity, 0);
process.once("SIGTERM", () => void tftp.close().then(() => process.exit()));

await Promise.all([
  streamEvents(),
  awaitTransfers(),
  watchPage(),
  every(1_000, scrape),
  every(5_000, () => tftp.probe()),
]);

async function streamEvents() {
  for await (const event of tftp.events()) if (event.type === "lost") console.error(event);
}

/** Somebody always waits for a file that never comes. */
async function awaitTransfers() {
  for (;;) await tftp.waitForTransfer({ file: "board*/**" }, { timeoutMs: 10_000 }).catch(() => {});
}

/** A browser that has the page open. */
async function watchPage() {
  const { body } = await fetch(`${ui.url}events`);
  for await (const chunk of body) void chunk;
}

async function scrape() {
  await registry.metrics();
}

async function every(ms, work) {
  for await (const _ of setInterval(ms)) await work();
}
