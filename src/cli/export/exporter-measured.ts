import type { Registry } from "prom-client";
import type { Exporter } from "../../jumpstarter/exporter.ts";
import type { Tftp } from "../../main/tftp.ts";
import type { ExporterActivity } from "../../status/exporter/exporter-activity.ts";
import type { Measured } from "../serve/metrics-server.ts";

type CollectServer = (tftp: Tftp, name: string) => void;

/** An exporter with its servers, as their metrics and their health are asked for. */
export class ExporterMeasured implements Measured {
  readonly #exporter: Exporter;
  readonly #activity: ExporterActivity;
  /** The latest of each name: the next lease has another one. */
  readonly #servers = new Map<string, Tftp>();
  #collectServer: CollectServer = () => {};

  constructor(exporter: Exporter, activity: ExporterActivity) {
    this.#exporter = exporter;
    this.#activity = activity;
  }

  /** A driver takes the place of the one that had its name. */
  add(tftp: Tftp, name: string): void {
    this.#servers.set(name, tftp);
    this.#collectServer(tftp, name);
  }

  readonly collect = async (registry: Registry): Promise<void> => {
    const { collectMetrics } = await import("../../metrics/collect-metrics.ts");
    const { collectExporterMetrics } = await import("../../metrics/exporter-metrics.ts");
    collectExporterMetrics(this.#exporter, { registry });
    const stops = new Map<string, () => void>();
    this.#collectServer = (tftp, name) => {
      stops.get(name)?.();
      stops.set(name, collectMetrics(tftp, { registry, labels: { driver: name } }));
    };
  };

  /** Rejects without a connection to the controller, and if a server that should run does not answer. */
  readonly health = async (): Promise<object> => {
    const { controller, holder } = this.#activity;
    if (controller && controller.state !== "registered" && controller.state !== "reconnected") {
      throw new Error(`the controller is ${controller.state}`);
    }
    const running = [...this.#servers.values()].filter(({ state }) => state !== "stopped");
    await Promise.all(running.map((tftp) => tftp.probe()));
    return { leased: holder !== undefined };
  };
}
