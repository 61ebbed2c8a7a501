import type { Logger } from "../../contract/options/options.ts";
import { printableText } from "../../contract/text/printable-text.ts";
import { formatBytes, formatDuration } from "../text/format.ts";
import type { ExporterEvent, ExporterEventOf, ExporterEventType } from "../../contract/events/exporter-events.ts";

type Sentences = { readonly [Type in ExporterEventType]: (event: ExporterEventOf<Type>) => string };

const sentences: Sentences = {
  "exporter-listening": ({ address }) => `exporter listening on ${address}`,
  controller: ({ state, endpoint, cause }) => `controller ${endpoint}: ${state}${cause ? `, ${cause.message}` : ""}`,
  "exporter-status": ({ status, message }) => `exporter status ${status}: ${message}`,
  "lease-started": ({ lease, client }) => `leased by ${client || "a client"}: lease ${lease}`,
  "lease-ended": ({ lease, client, durationMs, cause }) =>
    `lease ${lease} of ${client || "a client"} ended after ${formatDuration(durationMs)}${cause ? `: ${cause.message}` : ""}`,
  "driver-call": ({ driver, method, error }) => `${driver}.${method}${error === undefined ? "" : `: ${error}`}`,
  "file-moved": ({ direction, path, bytes, durationMs, complete }) =>
    `${direction} of ${path}: ${complete ? `${formatBytes(bytes)} in ${formatDuration(durationMs)}` : "broken off"}`,
  "hook-output": ({ hook, line }) => `${hook} hook: ${line}`,
  "hook-ended": ({ hook, durationMs, error }) =>
    `${hook} hook ${error === undefined ? `succeeded after ${formatDuration(durationMs)}` : `failed: ${error}`}`,
  "exporter-warning": ({ message, cause }) => `${message}${cause ? `: ${cause.message}` : ""}`,
};

/** What happened, in one line without the time. */
export function exporterEventText(event: ExporterEvent): string {
  return printableText((sentences[event.type] as (event: ExporterEvent) => string)(event));
}

/** How much an event matters. A lease is one info at its start and one at its end, and one for each file. */
export function exporterSeverity(event: ExporterEvent): keyof Logger {
  switch (event.type) {
    case "exporter-warning":
      return "warn";
    case "controller":
      return event.state === "lost" ? "warn" : "info";
    case "lease-ended":
      return event.cause ? "warn" : "info";
    case "hook-ended":
      return event.error === undefined ? "info" : "warn";
    case "file-moved":
      return event.complete ? "info" : "warn";
    case "driver-call":
    case "exporter-status":
      return "debug";
    default:
      return "info";
  }
}
