import { Counter, Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { Tftp } from "../../src/index.ts";
import { collectMetrics, type MetricsOptions } from "../../src/metrics.ts";
import { parseMetrics } from "../helpers/prometheus-text.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { startServer } from "../helpers/raw-server.ts";

test("a registry shows several drivers side by side, told apart by their labels", async () => {
  const registry = new Registry();
  const servers = [await startServer({}, { a: noise(700) }), await startServer({}, { a: noise(300) })];
  for (const [index, { tftp }] of servers.entries()) {
    collectMetrics(tftp, { registry, labels: { server: `lab-${index}` } });
  }
  for (const server of servers) {
    await download(await server.client(), "a");
    // The client is done when it has sent its last ACK, the server when it has it.
    await expect.poll(() => server.tftp.history()).toHaveLength(1);
  }
  await servers[1]?.tftp.stop();
  const scrapes = await Promise.all([registry.metrics(), registry.metrics()]);
  expect(scrapes[0]).toEqual(scrapes[1]);
  expect(Object.fromEntries(parseMetrics(scrapes[0]))).toMatchObject({
    'tftp_up{server="lab-0"}': 1,
    'tftp_up{server="lab-1"}': 0,
    'tftp_acknowledged_bytes_total{server="lab-0"}': 700,
    'tftp_acknowledged_bytes_total{server="lab-1"}': 300,
    'tftp_transfers_total{server="lab-0",outcome="complete"}': 1,
    'tftp_transfer_duration_seconds_count{server="lab-1"}': 1,
    'tftp_worker_crashes_total{server="lab-0"}': 0,
  });
});

test("a driver that is taken out leaves no series behind, and the others stay", async () => {
  const { registry, add } = observing();
  const remove = add({ labels: { server: "a" } });
  const removeOther = add({ labels: { server: "b" } });
  remove();
  const left = await registry.metrics();
  expect(left).toContain('tftp_up{server="b"} 0');
  expect(left).not.toContain('server="a"');
  add({ labels: { server: "a" } });
  expect(await registry.metrics()).toContain('tftp_worker_crashes_total{server="a"} 0');
  removeOther();
});

test("a prefix stands in front of every name, and two prefixes are two sets of metrics", async () => {
  const { registry, add } = observing();
  add({ prefix: "farm_" });
  add({});
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect(names).toContain("farm_tftp_up");
  expect(names.filter((name) => !name.includes("tftp_"))).toEqual([]);
  expect(names.filter((name) => name.startsWith("farm_")).map((name) => name.slice(5))).toEqual(
    names.filter((name) => !name.startsWith("farm_")),
  );
});

test.each<[string, MetricsOptions, MetricsOptions, string]>([
  ["no labels twice", {}, {}, "labels: expected values that no other driver"],
  ["the same labels twice", { labels: { a: "1" } }, { labels: { a: "1" } }, "labels: expected values that no other"],
  ["other label names", { labels: { a: "1" } }, { labels: { b: "1" } }, "the registry's first driver has (a)"],
  ["labels beside none", {}, { labels: { b: "1" } }, "the registry's first driver has (none)"],
])("%s in a registry are refused, and the first driver stays as it was", async (_, first, second, message) => {
  const { registry, add } = observing();
  add(first);
  const before = await registry.metrics();
  expect(() => add(second)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  expect(() => add(second)).toThrow(message);
  expect(await registry.metrics()).toBe(before);
});

test.each<[unknown, string]>([
  [new Registry(), "there is no such option"],
  [{ registry: {} }, "registry: expected a Registry of prom-client, got "],
  [{ prefix: "a-b" }, 'prefix: expected the beginning of a metric name, such as "farm_", got "a-b"'],
  [{ labels: { outcome: "x" } }, 'labels: expected names of labels other than outcome, reason, le, got "outcome"'],
  [{ labels: { "a-b": "x" } }, 'got "a-b"'],
  [{ labels: { a: 1 } }, "labels.a: expected a string, got 1"],
  [{ labels: "lab" }, 'got "lab"'],
])("the options %j are refused with their name, what was expected, and the value", (options, message) => {
  const tftp = driver();
  expect(() => collectMetrics(tftp, options as MetricsOptions)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
  expect(() => collectMetrics(tftp, options as MetricsOptions)).toThrow(message);
});

test("a foreign metric of one of the names is an error, and none of ours stays", () => {
  const { registry, add } = observing();
  const foreign = new Counter({
    name: "tftp_worker_restarts_total",
    help: "of another program",
    registers: [registry],
  });
  expect(() => add({})).toThrow("already been registered");
  expect(registry.getMetricsAsArray()).toEqual([foreign]);
});

test("a registry that was cleared can be given a driver again", async () => {
  const { registry, add } = observing();
  add({});
  registry.clear();
  add({});
  expect(await registry.metrics()).toContain("tftp_up 0");
});

function driver(): Tftp {
  const tftp = new Tftp({ journal: false });
  onTestFinished(() => tftp.close());
  return tftp;
}

function observing(): { registry: Registry; add: (options: MetricsOptions) => () => void } {
  const registry = new Registry();
  return { registry, add: (options) => collectMetrics(driver(), { registry, ...options }) };
}
