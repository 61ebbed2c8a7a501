export { collectMetrics } from "./metrics/collect-metrics.ts";
export type { MetricsOptions } from "./metrics/options.ts";
