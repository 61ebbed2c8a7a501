import type { TftpEvent } from "../../contract/events/events.ts";
import type { ExportedDrivers } from "../../jumpstarter/drivers/export-tree.ts";
import type { ExporterEvent } from "../../contract/events/exporter-events.ts";
import { Exporter, type ExporterOptions } from "../../jumpstarter/exporter.ts";
import { Tftp } from "../../main/tftp.ts";
import type { ConfigEntries, ConfigEntry } from "./config-entries.ts";
import type { ExporterConfig } from "./exporter-config.ts";

/** What a command wants to know of its exporter. */
export interface ExporterWatch {
  /** What happens, in the order in which it does. */
  readonly onExporterEvent: (event: ExporterEvent) => void;
  /** @param server Tells the driver from the others: from 0 on, another number for each. */
  readonly onServerEvent: (event: TftpEvent, server: number) => void;
  /** A driver was made, for a lease or for what is served without one. @param name By which clients call it: "boards.tftp". */
  readonly onServer?: (tftp: Tftp, name: string) => void;
}

/** An exporter of the drivers that the file lists. */
export function openExporter(
  { entries, description }: ExporterConfig,
  watch: ExporterWatch,
  options: Pick<ExporterOptions, "fetchUrls"> = {},
): Exporter {
  const exporter = new Exporter(driversOf(entries, counting(watch), []), { description, ...options });
  exporter.on("*", watch.onExporterEvent);
  return exporter;
}

type Watched = (tftp: Tftp, name: string) => void;

/** Numbers the drivers as they are made. */
function counting({ onServer, onServerEvent }: ExporterWatch): Watched {
  let made = 0;
  return (tftp, name) => {
    const number = made++;
    tftp.on("*", (event) => onServerEvent(event, number));
    onServer?.(tftp, name);
  };
}

function driversOf(entries: ConfigEntries, watched: Watched, path: readonly string[]): ExportedDrivers {
  const drivers = Object.entries(entries).map(([name, entry]) => [name, driverOf(entry, watched, [...path, name])]);
  return Object.fromEntries(drivers) as ExportedDrivers;
}

function driverOf(entry: ConfigEntry, watched: Watched, path: readonly string[]): ExportedDrivers[string] {
  if ("ref" in entry) return entry;
  if ("children" in entry) return { ...entry, children: driversOf(entry.children, watched, path) };
  const { tftp: options, description, methodsDescription } = entry;
  const driver = (): Tftp => {
    const tftp = new Tftp(options);
    watched(tftp, path.join("."));
    return tftp;
  };
  return { driver, description, methodsDescription };
}
