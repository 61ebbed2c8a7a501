import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { collectExporterMetrics } from "../../src/metrics.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";

test("calls by their status, and uploads by direction and result, are counted until the metrics are taken out", async () => {
  const ground = new ExporterGround();
  const { exporter, client } = await ground.start();
  const registry = new Registry();
  const end = collectExporterMetrics(exporter, { registry });
  await client.upload("zImage", Buffer.alloc(1_000));
  await client.call("storage", "stat", "nowhere").catch(() => {});
  const text = await registry.metrics();
  expect(text).toContain('tftp_exporter_calls_total{status="0"} 3');
  expect(text).toContain('tftp_exporter_calls_total{status="2"} 1');
  expect(text).toContain('tftp_exporter_files_total{direction="upload",result="complete"} 1');
  expect(text).toContain('tftp_exporter_file_bytes_total{direction="upload"} 1000');
  expect(text).toContain("tftp_exporter_leased 0");
  expect(() => collectExporterMetrics(exporter, { registry })).toThrow("expected one without an exporter's metrics");
  end();
  expect(await registry.metrics()).not.toContain("tftp_exporter");
});
