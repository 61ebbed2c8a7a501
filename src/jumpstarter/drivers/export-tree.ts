import { Driver } from "../../main/driver.ts";

/** A driver, or how to make a fresh one: for each lease, and for what is served without a controller. */
export type DriverSource = Driver | (() => Driver);

/** A driver with words for its users, as `j --help` shows them. */
export interface DescribedDriver {
  readonly driver: DriverSource;
  readonly description?: string | undefined;
  /** By the names of its commands. */
  readonly methodsDescription?: Readonly<Record<string, string>> | undefined;
}

/** A driver of nothing but children. */
export interface Composite {
  readonly children: ExportedDrivers;
  readonly description?: string | undefined;
}

/** Another name for a driver of the same exporter, which is given by the names on the way to it: "boards.tftp". */
export interface Alias {
  readonly ref: string;
}

export type ExportEntry = DriverSource | DescribedDriver | Composite | Alias;

/** What an exporter offers, by the names that its clients use. */
export type ExportedDrivers = Readonly<{ [name: string]: ExportEntry }>;

/** A lone driver is the root itself; the drivers of a record are its children. */
export type ExportRoot = DriverSource | ExportedDrivers;

export function isDriverSource(entry: unknown): entry is DriverSource {
  return entry instanceof Driver || typeof entry === "function";
}

/** Whether a driver is given itself, not how to make it. */
export function hasLentDriver(entry: ExportRoot | ExportEntry): boolean {
  if (entry instanceof Driver) return true;
  if (typeof entry !== "object" || entry === null) return false;
  const { driver } = entry as { readonly driver?: unknown };
  return (
    driver instanceof Driver || Object.values(entry).some((each) => typeof each === "object" && hasLentDriver(each))
  );
}
