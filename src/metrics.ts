export { collectMetrics } from "./metrics/collect-metrics.ts";
export type { MetricsOptions } from "./metrics/options.ts";
export { collectExporterMetrics } from "./metrics/exporter-metrics.ts";
export type { ExporterMetricsOptions } from "./metrics/exporter-metrics.ts";
