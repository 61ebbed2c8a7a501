export { collectMetrics } from "./metrics/collect-metrics.ts";
