import type { Registry } from "prom-client";
import { TftpError } from "../contract/errors.ts";
import { showValue } from "../contract/text/show-value.ts";

/** How the metrics of a driver are named and told from those of others. */
export interface MetricsOptions {
  /** Where they are registered. Default: the global registry of prom-client. */
  readonly registry?: Registry | undefined;
  /** Stands in front of each name: "farm_" makes farm_tftp_up of tftp_up. Default: none. */
  readonly prefix?: string | undefined;
  /**
   * Labels that every series of this driver gets, such as { server: "lab-1" }; all drivers of a registry and prefix have
   * the same label names, and no two of them the same values. Default: none, and then there can be only one driver.
   */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** The labels that metrics have of themselves. */
const taken: ReadonlySet<string> = new Set(["outcome", "reason", "le"]);

/** @throws {TftpError} INVALID_OPTION */
export function checkOptions(options: MetricsOptions): MetricsOptions {
  const { registry, prefix, labels, ...unknown } = options;
  for (const name of Object.keys(unknown)) throw invalid(name, "registry, prefix or labels", "there is no such option");
  if (registry !== undefined && typeof (registry as { metrics?: unknown } | null)?.metrics !== "function") {
    throw invalid("registry", "a Registry of prom-client", `got ${showValue(registry)}`);
  }
  if (prefix !== undefined && !(typeof prefix === "string" && /^([a-zA-Z_:][\w:]*)?$/.test(prefix))) {
    throw invalid("prefix", 'the beginning of a metric name, such as "farm_"', `got ${showValue(prefix)}`);
  }
  for (const [name, value] of Object.entries(checkLabels(labels))) checkLabel(name, value);
  return options;
}

function checkLabels(labels: unknown): object {
  if (labels === undefined) return {};
  if (typeof labels === "object" && labels !== null && !Array.isArray(labels)) return labels;
  throw invalid("labels", 'an object, such as { server: "lab-1" }', `got ${showValue(labels)}`);
}

function checkLabel(name: string, value: unknown): void {
  if (!/^[a-zA-Z_]\w*$/.test(name) || name.startsWith("__") || taken.has(name)) {
    throw invalid("labels", `names of labels other than ${[...taken].join(", ")}`, `got ${showValue(name)}`);
  }
  if (typeof value !== "string") throw invalid(`labels.${name}`, "a string", `got ${showValue(value)}`);
}

function invalid(name: string, expected: string, got: string): TftpError {
  return new TftpError("INVALID_OPTION", `${name}: expected ${expected}, ${got}`);
}
