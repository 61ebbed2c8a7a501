import { createServer, type IncomingMessage, request } from "node:http";
import { EventEmitter, once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { measuredServer, MetricsServer } from "../../../src/cli/serve/metrics-server.ts";
import { fetchFile } from "../../../src/main/client/tftp-client.ts";
import { Cli } from "../../helpers/cli.ts";
import { parseMetrics } from "../../helpers/prometheus-text.ts";
import { TestServer } from "../../helpers/raw-server.ts";

const root = mkdtempSync(join(tmpdir(), "tftp-metricsServer-"));
const anyPort = [root, "--host", "127.0.0.1", "--port", "0"] as const;

beforeAll(() => writeFileSync(join(root, "hello.txt"), "hello\n"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("serve --metrics-port offers /metrics and /healthz on 127.0.0.1, and ends with SIGTERM", async () => {
  const cli = new Cli(["serve", ...anyPort, "--metrics-port", "0"]);
  const lines = (await cli.lines(3)).join("\n");
  const port = Number(/listening on 127\.0\.0\.1:(\d+)/.exec(lines)?.[1]);
  const url = /metrics: (http:\/\/127\.0\.0\.1:\d+\/)metrics, health: \1healthz/.exec(lines)?.[1];
  await fetchFile({ host: "127.0.0.1", port, file: "hello.txt", onData: () => {} });
  // The last ACK may still be on its way.
  const complete = async (): Promise<number | undefined> => {
    const response = await fetch(`${url}metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    return parseMetrics(await response.text()).get('tftp_transfers_total{outcome="complete"}');
  };
  await expect.poll(complete).toBe(1);
  const health = await fetch(`${url}healthz`);
  expect([health.status, await health.json()]).toEqual([
    200,
    { healthy: true, latencyMs: expect.any(Number) as number },
  ]);
  // The probe was no board's transfer.
  expect(await complete()).toBe(1);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
});

test("--metrics-port on a port in use prints one clear line, and exits with 1", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const cli = new Cli(["serve", ...anyPort, "--metrics-port", `${port}`]);
  expect(await cli.end()).toBe(1);
  expect(cli.stderr).toBe(`tftp-driver: --metrics-port: TCP port ${port} of 127.0.0.1 is in use by another socket\n`);
  taken.close();
});

test("a server that does not answer is 503, with the reason", async () => {
  const { server, metricsServer } = await startMetricsServer();
  await server.tftp.stop();
  const response = await fetch(`${metricsServer.url}healthz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ healthy: false, reason: "the TFTP server is not running" });
});

test("other pages are 404, other methods 405, and HEAD has no body", async () => {
  const { metricsServer } = await startMetricsServer();
  const status = async (path: string, method = "GET"): Promise<number> =>
    (await fetch(metricsServer.url + path, { method })).status;
  expect(await status("")).toBe(404);
  expect(await status("constructor")).toBe(404);
  expect(await status("metrics", "POST")).toBe(405);
  expect(await status("metrics?x=1")).toBe(200);
  const head = await fetch(`${metricsServer.url}healthz`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a Host that is not this machine gets 421: a stranger's page could read the metrics otherwise", async () => {
  const { metricsServer } = await startMetricsServer();
  const asked = request(`${metricsServer.url}metrics`, { headers: { host: "evil.example" } }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  expect(response.resume().statusCode).toBe(421);
});

test("of 40 connections 32 are taken", async () => {
  const { metricsServer } = await startMetricsServer();
  const sockets = Array.from({ length: 40 }, () =>
    connect(Number(new URL(metricsServer.url).port), "127.0.0.1")
      .on("error", () => {})
      .resume(),
  );
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(8);
});

test("requests that come while the metrics are gathered share one answer", async () => {
  const { server, metricsServer } = await startMetricsServer();
  const gate = new EventEmitter();
  const opened = once(gate, "open");
  const snapshot = server.tftp.snapshot.bind(server.tftp);
  vi.spyOn(server.tftp, "snapshot").mockImplementation(async () => (await opened, snapshot()));
  const gathered = vi.spyOn(Registry.prototype, "metrics");
  const bodies = Array.from({ length: 20 }, async () => (await fetch(`${metricsServer.url}metrics`)).text());
  await expect.poll(() => gathered.mock.calls.length).toBe(1);
  // Answered behind most of those that were asked for before.
  await fetch(`${metricsServer.url}nothing`);
  gate.emit("open");
  for (const body of await Promise.all(bodies)) expect(body).toContain("tftp_requests_total");
  expect(gathered.mock.calls.length).toBeLessThan(20);
});

async function startMetricsServer(): Promise<{ server: TestServer; metricsServer: MetricsServer }> {
  const server = new TestServer();
  onTestFinished(() => server.close());
  await server.start();
  const metricsServer = await MetricsServer.start(measuredServer(server.tftp), { host: "127.0.0.1", port: 0 });
  onTestFinished(() => metricsServer.close());
  return { server, metricsServer };
}
