import { Counter, Gauge, Histogram, register, type Registry } from "prom-client";
import type { TransferEndedEvent } from "../contract/events.ts";
import type { Snapshot } from "../main/server/types.ts";
import type { Tftp } from "../main/tftp.ts";
import { levels, type Reading, totals } from "./readings.ts";

/** From a small file over a fast link to an initrd over a slow one. In seconds. */
const DURATIONS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** From a client that is hardly alive to what a loopback does. In bytes a second. */
const RATES = [1e4, 5e4, 1e5, 5e5, 1e6, 2.5e6, 5e6, 1e7, 2.5e7, 5e7, 1e8, 1e9];

/**
 * Registers the driver's metrics, all named `tftp_…`; a registry takes those of one driver. Counts are those of the
 * driver's whole life; histograms, crashes and restarts begin with this call. Returns how to take the metrics out
 * again.
 * @param registry Default: the global one of prom-client.
 * @throws {Error} if the registry has a metric of that name already.
 */
export function collectMetrics(tftp: Tftp, registry: Registry = register): () => void {
  const read = oncePerScrape(tftp);
  for (const reading of totals) addTotal(registry, reading, read);
  for (const reading of levels) addLevel(registry, reading, read);
  const fromEvents = addFromEvents(registry, tftp);
  return () => {
    fromEvents.unsubscribe();
    const names = [...totals, ...levels].map(({ name }) => name);
    for (const name of [...names, ...fromEvents.names]) registry.removeSingleMetric(name);
  };
}

type Read = () => Promise<Snapshot>;

/** All metrics of a scrape show the same moment. */
function oncePerScrape(tftp: Tftp): Read {
  let current: Promise<Snapshot> | undefined;
  return () => {
    // If the thread dies before it answers the first, the second shows what is left.
    current ??= tftp
      .snapshot()
      .catch(() => tftp.snapshot())
      .finally(() => (current = undefined));
    return current;
  };
}

function addTotal(registry: Registry, reading: Reading, read: Read): void {
  const counter = new Counter({
    ...common(registry, reading),
    collect: async () => {
      const now = await read();
      counter.reset();
      for (const [labels, value] of series(reading, now)) counter.inc(labels, value);
    },
  });
}

function addLevel(registry: Registry, reading: Reading, read: Read): void {
  const gauge = new Gauge({
    ...common(registry, reading),
    collect: async () => {
      const now = await read();
      for (const [labels, value] of series(reading, now)) gauge.set(labels, value);
    },
  });
}

/** What no snapshot holds is gathered from events. */
function addFromEvents(registry: Registry, tftp: Tftp): { readonly names: readonly string[]; unsubscribe(): void } {
  const registers = [registry];
  const duration = new Histogram({
    name: "tftp_transfer_duration_seconds",
    help: "Duration of the transfers that delivered their file.",
    buckets: DURATIONS,
    registers,
  });
  const throughput = new Histogram({
    name: "tftp_transfer_throughput_bytes_per_second",
    help: "Rate of the transfers that delivered their file.",
    buckets: RATES,
    registers,
  });
  const crashes = new Counter({
    name: "tftp_worker_crashes_total",
    help: "Crashes of the server's thread.",
    registers,
  });
  const restarts = new Counter({
    name: "tftp_worker_restarts_total",
    help: "Restarts of the server's thread after a crash.",
    registers,
  });
  const observe = ({ outcome, bytes, durationMs }: TransferEndedEvent): void => {
    if (outcome !== "complete" && outcome !== "unconfirmed") return;
    const seconds = Math.max(durationMs, 1) / 1_000;
    duration.observe(seconds);
    throughput.observe(bytes / seconds);
  };
  const subscriptions = [
    tftp.on("transfer-ended", observe),
    tftp.on("worker-crashed", () => crashes.inc()),
    tftp.on("restarted", () => restarts.inc()),
  ];
  return {
    names: [
      "tftp_transfer_duration_seconds",
      "tftp_transfer_throughput_bytes_per_second",
      "tftp_worker_crashes_total",
      "tftp_worker_restarts_total",
    ],
    unsubscribe: () => subscriptions.forEach((unsubscribe) => unsubscribe()),
  };
}

function common(registry: Registry, { name, help, label }: Reading) {
  return { name, help, labelNames: label ? [label] : [], registers: [registry] };
}

function series({ label, read }: Reading, now: Snapshot): [labels: Record<string, string>, value: number][] {
  const reading = read(now);
  if (typeof reading === "number") return [[{}, reading]];
  return Object.entries(reading).map(([word, value]) => [label ? { [label]: word } : {}, value]);
}
