import { register, type Registry } from "prom-client";
import type { Tftp } from "../main/tftp.ts";
import { MetricSet } from "./metric-set.ts";
import { checkOptions, type MetricsOptions } from "./options.ts";

/** The metrics that are registered, by registry and prefix. */
const sets = new WeakMap<Registry, Map<string, MetricSet>>();

/**
 * Registers the driver's metrics, all named `tftp_…`. Drivers of one registry share the metrics, and are told apart by
 * their `labels`. Counts are those of the driver's whole life; histograms, crashes and restarts begin with this call.
 * Returns how to take the driver out again; the metrics go with the last one. More than once does no harm.
 * @throws {TftpError} INVALID_OPTION for a wrong option; for labels that another driver of the registry has; and for
 *   label names other than theirs.
 * @throws {Error} if the registry has a foreign metric of one of the names.
 */
export function collectMetrics(tftp: Tftp, options: MetricsOptions = {}): () => void {
  const { registry = register, prefix = "", labels = {} } = checkOptions(options);
  const ofRegistry = sets.get(registry) ?? new Map<string, MetricSet>();
  sets.set(registry, ofRegistry);
  let set = ofRegistry.get(prefix);
  // If the host has cleared it, it shows nothing any more.
  if (!set?.isRegistered) ofRegistry.set(prefix, (set = new MetricSet(registry, prefix, Object.keys(labels))));
  return set.add(tftp, labels);
}
