import { Counter, Gauge, type Registry } from "prom-client";
import { TftpError } from "../contract/errors.ts";
import { showValue } from "../contract/text/show-value.ts";
import type { Snapshot } from "../main/server/types.ts";
import type { Tftp } from "../main/tftp.ts";
import { EventMetrics } from "./event-metrics.ts";
import { levels, type Reading, totals } from "./readings.ts";

/** Labels of a driver: each of its series has them. */
export type Labels = Readonly<Record<string, string>>;

interface ObservedDriver {
  readonly labels: Labels;
  readonly read: () => Promise<Snapshot>;
}

/** The metrics of one registry and prefix, and the drivers that they show: prom-client has one metric for each name. */
export class MetricSet {
  readonly #registry: Registry;
  readonly #prefix: string;
  readonly #labelNames: readonly string[];
  readonly #drivers = new Set<ObservedDriver>();
  readonly #fromEvents: EventMetrics;
  readonly #metrics = new Map<string, unknown>();

  /** @throws {Error} if the registry has a metric of one of the names; then none stays. */
  constructor(registry: Registry, prefix: string, labelNames: readonly string[]) {
    this.#registry = registry;
    this.#prefix = prefix;
    this.#labelNames = labelNames;
    const register = <Metric>(name: string, make: (common: ReturnType<MetricSet["common"]>) => Metric): Metric => {
      const metric = make(this.common(name));
      this.#metrics.set(prefix + name, metric);
      return metric;
    };
    try {
      for (const reading of totals) register(reading.name, (common) => this.#total(reading, common));
      for (const reading of levels) register(reading.name, (common) => this.#level(reading, common));
      this.#fromEvents = new EventMetrics(register);
    } catch (error) {
      this.#unregister();
      throw error;
    }
  }

  /** Whether the registry still has them. */
  get isRegistered(): boolean {
    return [...this.#metrics].every(([name, metric]) => this.#registry.getSingleMetric(name) === metric);
  }

  /**
   * Shows one more driver, until the function that is returned is called.
   * @throws {TftpError} INVALID_OPTION if its labels do not fit, or are not its own.
   */
  add(tftp: Tftp, labels: Labels): () => void {
    this.#assertFits(labels);
    const driver: ObservedDriver = { labels, read: oncePerScrape(tftp) };
    this.#drivers.add(driver);
    const stop = this.#fromEvents.observe(tftp, labels);
    return () => {
      if (!this.#drivers.delete(driver)) return;
      stop();
      if (this.#drivers.size === 0) this.#unregister();
    };
  }

  /** What every metric begins with. */
  common(name: string): { name: string; labelNames: string[]; registers: Registry[] } {
    return { name: this.#prefix + name, labelNames: [...this.#labelNames], registers: [this.#registry] };
  }

  #total(reading: Reading, common: ReturnType<MetricSet["common"]>): Counter {
    const counter: Counter = new Counter({
      ...this.#described(reading, common),
      collect: () => this.#collect(reading, counter, (labels, value) => counter.inc(labels, value)),
    });
    return counter;
  }

  #level(reading: Reading, common: ReturnType<MetricSet["common"]>): Gauge {
    const gauge: Gauge = new Gauge({
      ...this.#described(reading, common),
      collect: () => this.#collect(reading, gauge, (labels, value) => gauge.set(labels, value)),
    });
    return gauge;
  }

  #described({ help, label }: Reading, common: ReturnType<MetricSet["common"]>) {
    return { ...common, help, labelNames: label ? [...common.labelNames, label] : common.labelNames };
  }

  /** Reads all drivers first: from the reset on nothing waits, so that scrapes at the same time do not add up. */
  async #collect(reading: Reading, metric: { reset(): void }, put: (labels: Labels, value: number) => void) {
    const drivers = [...this.#drivers];
    const snapshots = await Promise.all(drivers.map(({ read }) => read()));
    metric.reset();
    for (const [index, { labels }] of drivers.entries()) {
      for (const [own, value] of series(reading, snapshots[index] as Snapshot)) put({ ...labels, ...own }, value);
    }
  }

  #assertFits(labels: Labels): void {
    const [names, expected] = [Object.keys(labels).sort(), this.#labelNames.toSorted()];
    if (names.join() !== expected.join()) {
      const wanted = expected.length === 0 ? "none" : expected.join(", ");
      const message = `labels: expected the names that the registry's first driver has (${wanted}), got ${showValue(names)}`;
      throw new TftpError("INVALID_OPTION", message);
    }
    if ([...this.#drivers].some((driver) => names.every((name) => driver.labels[name] === labels[name]))) {
      const message = `labels: expected values that no other driver of the registry has, got ${showValue(labels)}`;
      throw new TftpError("INVALID_OPTION", message);
    }
  }

  #unregister(): void {
    for (const [name, metric] of this.#metrics) {
      if (this.#registry.getSingleMetric(name) === metric) this.#registry.removeSingleMetric(name);
    }
  }
}

/** All metrics of a scrape show the same moment. */
function oncePerScrape(tftp: Tftp): () => Promise<Snapshot> {
  let current: Promise<Snapshot> | undefined;
  return () => {
    current ??= tftp.snapshot().finally(() => (current = undefined));
    return current;
  };
}

function series({ label, read }: Reading, now: Snapshot): [labels: Labels, value: number][] {
  const reading = read(now);
  if (typeof reading === "number") return [[{}, reading]];
  return Object.entries(reading).map(([word, value]) => [label ? { [label]: word } : {}, value]);
}
