import type { TftpEvent, TftpEventType } from "../../contract/events/events.ts";
import { type ExporterEvent, exporterEventTypes } from "../../contract/events/exporter-events.ts";
import { exporterEventText, exporterSeverity } from "../exporter/exporter-event-text.ts";
import { eventText } from "./event-text.ts";

/** Events for the live view: they make no line. */
const silent: ReadonlySet<TftpEventType> = new Set<TftpEventType>(["request", "progress", "state"]);

const exporterTypes: ReadonlySet<string> = new Set(exporterEventTypes);

export function isExporterEvent(event: TftpEvent | ExporterEvent): event is ExporterEvent {
  return exporterTypes.has(event.type);
}

/** One line with the time, without its end; undefined if there is nothing to say. */
export function eventLine(event: TftpEvent | ExporterEvent): string | undefined {
  if (isExporterEvent(event)) return exporterLine(event);
  if (silent.has(event.type)) return undefined;
  return timedLine(event.at, severityOf(event), eventText(event));
}

function exporterLine(event: ExporterEvent): string | undefined {
  const severity = exporterSeverity(event);
  if (severity === "debug") return undefined;
  return timedLine(event.at, severity === "warn" ? "warning" : "info", exporterEventText(event));
}

/** Any line with the time in front: `at` as in `Date.now()`. */
export function timedLine(at: number, severity: "error" | "warning" | "info", text: string): string {
  const time = new Date(at).toTimeString().slice(0, 8);
  return `${time} ${severity === "info" ? "" : `${severity}: `}${text}`;
}

function severityOf({ type }: TftpEvent): "error" | "warning" | "info" {
  if (type === "worker-crashed") return "error";
  return type === "warning" || type === "lost" ? "warning" : "info";
}
