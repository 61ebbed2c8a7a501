import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { collectMetrics } from "../../src/metrics.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, error } from "../helpers/raw-packets.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { parseMetrics, type Samples } from "../helpers/prometheus-text.ts";

const files = { "board1/zImage": noise(5_000) };

test("a scrape shows what happened on the wire", async () => {
  const { server, scrape } = await observed();
  await download(await server.client(), "board1/zImage");
  const failing = await server.client();
  await failing.request("board1/zImage");
  await failing.send(error(0, "no"));
  await server.endOf(failing);
  const prober = await server.client();
  await prober.ask("missing");
  await prober.send(ack(1), server.wellKnown);
  const running = await server.client();
  await running.request("board1/zImage");
  // The stray ACK has nothing to be waited for by but the counter itself.
  await expect.poll(async () => (await scrape()).get('tftp_dropped_total{reason="loop"}')).toBe(1);
  const samples = await scrape();
  expect(Object.fromEntries(samples)).toMatchObject({
    tftp_up: 1,
    tftp_requests_total: 3,
    tftp_transfers_active: 1,
    'tftp_transfers_total{outcome="complete"}': 1,
    'tftp_transfers_total{outcome="client-error"}': 1,
    'tftp_transfers_total{outcome="failed"}': 0,
    'tftp_refused_total{reason="not-found"}': 1,
    tftp_acknowledged_bytes_total: 5_000,
    tftp_sent_bytes_total: 5_000 + 10 * 4 + 516 + 516,
    tftp_retransmissions_total: 0,
    tftp_ignored_total: 0,
    tftp_worker_crashes_total: 0,
    tftp_worker_restarts_total: 0,
    tftp_transfer_duration_seconds_count: 1,
    'tftp_transfer_duration_seconds_bucket{le="+Inf"}': 1,
    tftp_transfer_throughput_bytes_per_second_count: 1,
  });
  for (const statistic of ["mean", "p99", "max"]) {
    expect(samples.get(`tftp_worker_event_loop_delay_${statistic}_seconds`)).toBeGreaterThanOrEqual(0);
  }
});

test("a scrape while the server is stopped shows that it is down, and the counts so far", async () => {
  const { server, scrape } = await observed();
  await download(await server.client(), "board1/zImage");
  await server.tftp.stop({ graceMs: 10_000 });
  expect(Object.fromEntries(await scrape())).toMatchObject({
    tftp_up: 0,
    tftp_transfers_active: 0,
    'tftp_transfers_total{outcome="complete"}': 1,
  });
});

test("no label names a file or an address, and the number of series does not grow with the boards", async () => {
  const { server, scrape } = await observed();
  const before = [...(await scrape()).keys()];
  for (let count = 0; count < 3; count++) {
    const client = await server.client();
    await client.ask(`missing-${count}`);
    await download(client, "board1/zImage").catch(() => {});
  }
  expect([...(await scrape()).keys()]).toEqual(before);
  expect(before.join("\n")).not.toMatch(/127\.0\.0\.1|zImage|missing/);
});

test("scrapes at the same time show equal values", async () => {
  const { scrape } = await observed();
  const [one, other] = await Promise.all([scrape(), scrape()]);
  expect(one).toEqual(other);
});

test("metrics that were taken out are gone, and may be registered again", async () => {
  const { server, registry, remove } = await observed();
  remove();
  remove();
  expect(registry.getMetricsAsArray()).toEqual([]);
  collectMetrics(server.tftp, { registry })();
});

async function observed(): Promise<{
  server: TestServer;
  registry: Registry;
  scrape: () => Promise<Samples>;
  remove: () => void;
}> {
  const server = new TestServer({}, files);
  onTestFinished(() => server.close());
  const registry = new Registry();
  const remove = collectMetrics(server.tftp, { registry });
  await server.start();
  return { server, registry, remove, scrape: async () => parseMetrics(await registry.metrics()) };
}
