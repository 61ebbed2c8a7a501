import { Counter, Histogram, type Registry } from "prom-client";
import type { TransferEndedEvent } from "../contract/events/events.ts";
import type { Tftp } from "../main/tftp.ts";

/** From a small file over a fast link to an initrd over a slow one. In seconds. */
const DURATIONS = [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
/** From a client that is hardly alive to what a loopback does. In bytes a second. */
const RATES = [1e4, 5e4, 1e5, 5e5, 1e6, 2.5e6, 5e6, 1e7, 2.5e7, 5e7, 1e8, 1e9];

type Common = { name: string; labelNames: string[]; registers: Registry[] };
type Register = <Metric>(name: string, make: (common: Common) => Metric) => Metric;

/** The metrics that no snapshot holds: they are gathered from events. */
export class EventMetrics {
  readonly #duration: Histogram;
  readonly #throughput: Histogram;
  readonly #crashes: Counter;
  readonly #restarts: Counter;

  constructor(register: Register) {
    this.#duration = register("tftp_transfer_duration_seconds", (common) => {
      return new Histogram({
        ...common,
        help: "Duration of the transfers that delivered their file.",
        buckets: DURATIONS,
      });
    });
    this.#throughput = register("tftp_transfer_throughput_bytes_per_second", (common) => {
      return new Histogram({ ...common, help: "Rate of the transfers that delivered their file.", buckets: RATES });
    });
    this.#crashes = register("tftp_worker_crashes_total", (common) => {
      return new Counter({ ...common, help: "Crashes of the server's thread." });
    });
    this.#restarts = register("tftp_worker_restarts_total", (common) => {
      return new Counter({ ...common, help: "Restarts of the server's thread after a crash." });
    });
  }

  /** Returns how to stop; then the driver's series are gone. */
  observe(tftp: Tftp, labels: Readonly<Record<string, string>>): () => void {
    const histograms = [this.#duration, this.#throughput];
    const counters = [this.#crashes, this.#restarts];
    // A series that is there from the start shows that nothing has happened, and its first increase is seen.
    for (const histogram of histograms) histogram.zero(labels);
    for (const counter of counters) counter.inc(labels, 0);
    const onEnd = ({ outcome, bytes, durationMs }: TransferEndedEvent): void => {
      if (outcome !== "complete" && outcome !== "unconfirmed") return;
      const seconds = Math.max(durationMs, 1) / 1_000;
      this.#duration.observe(labels, seconds);
      this.#throughput.observe(labels, bytes / seconds);
    };
    const subscriptions = [
      tftp.on("transfer-ended", onEnd),
      tftp.on("worker-crashed", () => this.#crashes.inc(labels)),
      tftp.on("restarted", () => this.#restarts.inc(labels)),
    ];
    return () => {
      for (const unsubscribe of subscriptions) unsubscribe();
      for (const metric of [...histograms, ...counters]) metric.remove(labels);
    };
  }
}
