export type { ConnectOptions, ControllerTls } from "./jumpstarter/controller/connect-options.ts";
export type {
  Alias,
  Composite,
  DescribedDriver,
  DriverSource,
  ExportedDrivers,
  ExportEntry,
  ExportRoot,
} from "./jumpstarter/drivers/export-tree.ts";
export type {
  ControllerEvent,
  DriverCallEvent,
  ExporterEvent,
  ExporterEventOf,
  ExporterEventType,
  ExporterListeningEvent,
  ExporterStatus,
  ExporterStatusEvent,
  ExporterWarningEvent,
  FileMovedEvent,
  HookEndedEvent,
  HookName,
  HookOutputEvent,
  LeaseEndedEvent,
  LeaseStartedEvent,
} from "./contract/events/exporter-events.ts";
export { exporterEventTypes } from "./contract/events/exporter-events.ts";
export { exporterEventText } from "./status/exporter/exporter-event-text.ts";
export type { ExporterEventFilter, ExporterEventFor, ExporterEventListener } from "./jumpstarter/exporter-events.ts";
export type { FetchPolicy } from "./jumpstarter/fetch/fetch-policy.ts";
export { Exporter } from "./jumpstarter/exporter.ts";
export type { Connected, ExporterOptions, Listening, ListenOptions } from "./jumpstarter/exporter.ts";
export type { HookFailureMode, HookOptions, Hooks } from "./jumpstarter/hooks/hook-options.ts";
export type { TlsIdentity } from "./jumpstarter/server/listener.ts";
