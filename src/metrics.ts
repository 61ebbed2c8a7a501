export { collectMetrics } from "./main/metrics/collect-metrics.ts";
