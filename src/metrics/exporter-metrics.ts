import { Counter, Gauge, register, type Registry } from "prom-client";
import type { Exporter } from "../jumpstarter/exporter.ts";
import type { ExporterEvent } from "../contract/events/exporter-events.ts";
import { TftpError } from "../contract/errors.ts";

/** How an exporter's metrics are registered. */
export interface ExporterMetricsOptions {
  /** Default: the global registry of prom-client. There can be one exporter in each. */
  readonly registry?: Registry | undefined;
}

/**
 * Registers an exporter's metrics, all named `tftp_exporter_…`: they begin with this call. Labels have no names of clients,
 * leases or files, so that their number is bounded. Returns how to take them out again.
 * @throws {TftpError} INVALID_OPTION if the registry has them already.
 */
export function collectExporterMetrics(exporter: Exporter, options: ExporterMetricsOptions = {}): () => void {
  const { registry = register } = options;
  if (registry.getSingleMetric(LEASED)) {
    throw new TftpError("INVALID_OPTION", "registry: expected one without an exporter's metrics");
  }
  const metrics = makeMetrics(registry);
  const unsubscribe = exporter.on("*", (event) => count(metrics, event));
  return () => {
    unsubscribe();
    for (const name of metrics.names) registry.removeSingleMetric(name);
  };
}

const LEASED = "tftp_exporter_leased";

type Metrics = ReturnType<typeof makeMetrics>;

function makeMetrics(registry: Registry) {
  const names: string[] = [];
  const common = (name: string, help: string) => {
    names.push(name);
    return { name, help, registers: [registry] };
  };
  return {
    names,
    leased: new Gauge(common(LEASED, "1 while a lease is on.")),
    registered: new Gauge(common("tftp_exporter_registered", "1 while the controller is connected.")),
    leases: new Counter(common("tftp_exporter_leases_total", "Leases that have begun.")),
    leaseSeconds: new Counter(common("tftp_exporter_lease_seconds_total", "Duration of the leases that have ended.")),
    calls: new Counter({
      ...common("tftp_exporter_calls_total", "Calls of drivers, by gRPC status code."),
      labelNames: ["status"],
    }),
    files: new Counter({
      ...common("tftp_exporter_files_total", "Uploads and downloads, complete or broken off."),
      labelNames: ["direction", "result"],
    }),
    bytes: new Counter({
      ...common("tftp_exporter_file_bytes_total", "Bytes of complete uploads and downloads."),
      labelNames: ["direction"],
    }),
    hooks: new Counter({
      ...common("tftp_exporter_hooks_total", "Hooks that have ended."),
      labelNames: ["hook", "result"],
    }),
    warnings: new Counter(common("tftp_exporter_warnings_total", "Warnings.")),
  };
}

function count(metrics: Metrics, event: ExporterEvent): void {
  switch (event.type) {
    case "controller":
      return metrics.registered.set(["registered", "reconnected"].includes(event.state) ? 1 : 0);
    case "lease-started":
      metrics.leased.set(1);
      return metrics.leases.inc();
    case "lease-ended":
      metrics.leased.set(0);
      return metrics.leaseSeconds.inc(event.durationMs / 1_000);
    case "driver-call":
      return metrics.calls.inc({ status: String(event.status) });
    case "file-moved":
      metrics.files.inc({ direction: event.direction, result: event.complete ? "complete" : "broken" });
      return metrics.bytes.inc({ direction: event.direction }, event.bytes);
    case "hook-ended":
      return metrics.hooks.inc({ hook: event.hook, result: event.error === undefined ? "succeeded" : "failed" });
    case "exporter-warning":
      return metrics.warnings.inc();
    default:
      return undefined;
  }
}
