import type { TftpEvent } from "../../contract/events.ts";
import type { ExportedDrivers } from "../../jumpstarter/drivers/export-tree.ts";
import { exporterEventText, exporterSeverity } from "../../status/exporter-event-text.ts";
import { type ExporterEvent, exporterEventTypes } from "../../contract/exporter-events.ts";
import { Exporter, type ExporterOptions } from "../../jumpstarter/exporter.ts";
import { Tftp } from "../../main/tftp.ts";
import { eventLine, timedLine } from "../../status/event-line.ts";
import type { ConfigEntries, ConfigEntry } from "./config-entries.ts";
import type { ExporterConfig } from "./exporter-config.ts";

/** What happens, in the order in which it does. */
export type Show = (event: TftpEvent | ExporterEvent) => void;

/** An exporter of the drivers that the file lists. */
export function openExporter(
  { entries, description }: ExporterConfig,
  show: Show,
  options: Pick<ExporterOptions, "fetchUrls"> = {},
): Exporter {
  const exporter = new Exporter(driversOf(entries, show), { description, ...options });
  exporter.on("*", show);
  return exporter;
}

function driversOf(entries: ConfigEntries, show: Show): ExportedDrivers {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, driverOf(entry, show)]));
}

function driverOf(entry: ConfigEntry, show: Show): ExportedDrivers[string] {
  if ("ref" in entry) return entry;
  if ("children" in entry) return { ...entry, children: driversOf(entry.children, show) };
  const { tftp: options, description, methodsDescription } = entry;
  const driver = (): Tftp => {
    const tftp = new Tftp(options);
    tftp.on("*", show);
    return tftp;
  };
  return { driver, description, methodsDescription };
}

/** One line for people, as `serve` prints them; undefined if there is nothing to say. */
export function lineOf(event: TftpEvent | ExporterEvent): string | undefined {
  if (!isExporterEvent(event)) return eventLine(event);
  const severity = exporterSeverity(event);
  if (severity === "debug") return undefined;
  return timedLine(event.at, severity === "warn" ? "warning" : "info", exporterEventText(event));
}

const exporterTypes: ReadonlySet<string> = new Set(exporterEventTypes);

function isExporterEvent(event: TftpEvent | ExporterEvent): event is ExporterEvent {
  return exporterTypes.has(event.type);
}
