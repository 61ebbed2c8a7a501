import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { collectMetrics } from "../../src/metrics.ts";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers } from "../helpers/crashes.ts";
import { parseMetrics } from "../helpers/prometheus-text.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer, startServer } from "../helpers/raw-server.ts";

const files = { "a.bin": noise(3_000) };

test("counts survive a crash and go on, and the crash and the restart are counted", async () => {
  const server = await startServer({ workerUrl: crashingWorker }, files);
  const registry = new Registry();
  collectMetrics(server.tftp, { registry });
  await fetchOnce(server);
  const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
  crashWorkers("throw");
  await restarted;
  await fetchOnce(server);
  expect(Object.fromEntries(parseMetrics(await registry.metrics()))).toMatchObject({
    tftp_up: 1,
    'tftp_transfers_total{outcome="complete"}': 2,
    tftp_worker_crashes_total: 1,
    tftp_worker_restarts_total: 1,
  });
  expect(server.tftp.history()).toHaveLength(2);
});

test("a wait for a transfer goes on over a crash, and gets the one of the next thread", async () => {
  const server = await startServer({ workerUrl: crashingWorker }, files);
  const wait = server.tftp.waitForTransfer({ file: "a.bin", outcome: "complete" });
  await (await server.client()).request("a.bin");
  const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
  crashWorkers("exit");
  await restarted;
  const client = await server.client();
  await download(client, "a.bin");
  expect(await wait).toMatchObject({ client: { port: client.port } });
});

test("a wait for a transfer rejects when a crash is the last one", async () => {
  const server = await startServer({ workerUrl: crashingWorker, restart: "never" }, files);
  const wait = server.tftp.waitForTransfer();
  crashWorkers("throw");
  await expect(wait).rejects.toMatchObject({ code: "WORKER_CRASHED", cause: { message: "crashed on demand" } });
  await expect(server.tftp.waitForTransfer()).rejects.toMatchObject({ code: "NOT_RUNNING" });
});

async function fetchOnce(server: TestServer): Promise<void> {
  const client = await server.client();
  await download(client, "a.bin");
  await server.endOf(client);
}
