import type { ErrorInfo } from "../errors.ts";

/** The status words of an exporter, by their numbers on the wire. */
export const exporterStatuses = [
  "UNSPECIFIED",
  "OFFLINE",
  "AVAILABLE",
  "BEFORE_LEASE_HOOK",
  "LEASE_READY",
  "AFTER_LEASE_HOOK",
  "BEFORE_LEASE_HOOK_FAILED",
  "AFTER_LEASE_HOOK_FAILED",
] as const;
export type ExporterStatus = (typeof exporterStatuses)[number];

/** The hooks of an exporter, by the names that Jumpstarter has for them. */
export const hookNames = ["beforeLease", "afterLease"] as const;
export type HookName = (typeof hookNames)[number];

interface EventBase {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

/** The exporter listens on an address. */
export interface ExporterListeningEvent extends EventBase {
  readonly type: "exporter-listening";
  /** "unix:/PATH" or "HOST:PORT" */
  readonly address: string;
}

/**
 * The connection to the controller. "lost" is tried again, for ever; it ends with "registered", or with "reconnected"
 * within a lease, which goes on.
 */
export interface ControllerEvent extends EventBase {
  readonly type: "controller";
  readonly state: "registered" | "reconnected" | "lost" | "unregistered";
  /** "HOST:PORT" */
  readonly endpoint: string;
  readonly cause?: ErrorInfo;
}

/** The exporter's status has changed. */
export interface ExporterStatusEvent extends EventBase {
  readonly type: "exporter-status";
  readonly status: ExporterStatus;
  readonly message: string;
}

/** A client has leased the exporter. */
export interface LeaseStartedEvent extends EventBase {
  readonly type: "lease-started";
  readonly lease: string;
  readonly client: string;
}

/** A lease is over, and everything that was made for it is gone, unless there is a `cause`. */
export interface LeaseEndedEvent extends EventBase {
  readonly type: "lease-ended";
  readonly lease: string;
  readonly client: string;
  readonly durationMs: number;
  readonly cause?: ErrorInfo;
}

/** A client's call of a driver has ended. */
export interface DriverCallEvent extends EventBase {
  readonly type: "driver-call";
  /** The driver's name in the tree; "root" for the root. */
  readonly driver: string;
  readonly method: string;
  readonly durationMs: number;
  /** The gRPC status code; 0 is success. */
  readonly status: number;
  readonly error?: string;
}

/** A client has uploaded to a file, or downloaded from one. */
export interface FileMovedEvent extends EventBase {
  readonly type: "file-moved";
  readonly direction: "upload" | "download";
  readonly path: string;
  readonly bytes: number;
  readonly durationMs: number;
  /** False if it broke; of a broken upload nothing is left. */
  readonly complete: boolean;
}

/** A line that a hook has printed. */
export interface HookOutputEvent extends EventBase {
  readonly type: "hook-output";
  readonly hook: HookName;
  readonly line: string;
}

/** A hook has ended. */
export interface HookEndedEvent extends EventBase {
  readonly type: "hook-ended";
  readonly hook: HookName;
  readonly lease: string;
  readonly durationMs: number;
  /** How it failed, in words. */
  readonly error?: string;
}

/** Something that an operator should know of. */
export interface ExporterWarningEvent extends EventBase {
  readonly type: "exporter-warning";
  readonly message: string;
  readonly cause?: ErrorInfo;
}

/** Everything that an exporter reports, discriminated by `type`. */
export type ExporterEvent =
  | ExporterListeningEvent
  | ControllerEvent
  | ExporterStatusEvent
  | LeaseStartedEvent
  | LeaseEndedEvent
  | DriverCallEvent
  | FileMovedEvent
  | HookOutputEvent
  | HookEndedEvent
  | ExporterWarningEvent;

export type ExporterEventType = ExporterEvent["type"];
export type ExporterEventOf<Type extends ExporterEventType> = Extract<ExporterEvent, { type: Type }>;

/** The types of all events. */
export const exporterEventTypes: readonly ExporterEventType[] = Object.keys({
  "exporter-listening": true,
  controller: true,
  "exporter-status": true,
  "lease-started": true,
  "lease-ended": true,
  "driver-call": true,
  "file-moved": true,
  "hook-output": true,
  "hook-ended": true,
  "exporter-warning": true,
} satisfies Record<ExporterEventType, true>) as ExporterEventType[];
