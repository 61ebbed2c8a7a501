import { bool, bytes, type Codec, labels, message, nested, optional, repeated, text, unsigned } from "./message.ts";
import { type Json, value } from "./value.ts";

type Labels = Readonly<Record<string, string>>;

/** Where a log line comes from, by their numbers on the wire. */
export const logSources = ["UNSPECIFIED", "DRIVER", "BEFORE_LEASE_HOOK", "AFTER_LEASE_HOOK", "SYSTEM"] as const;
export type LogSource = (typeof logSources)[number];

/** The types of frames of a byte stream; those of HTTP/2. */
export const FRAME: { readonly data: 0; readonly reset: 3; readonly ping: 6; readonly goAway: 7 } = {
  data: 0,
  reset: 3,
  ping: 6,
  goAway: 7,
};

/** One driver of an exporter's tree. */
export interface DriverReport {
  readonly uuid: string;
  /** Undefined of the root. */
  readonly parentUuid: string | undefined;
  readonly labels: Labels;
  readonly description: string | undefined;
  readonly methodsDescription: Labels;
}

export interface Report {
  readonly uuid: string;
  readonly labels: Labels;
  readonly reports: readonly DriverReport[];
}

export interface DriverCall {
  readonly uuid: string;
  readonly method: string;
  readonly args: readonly Json[];
}

export interface DriverResult {
  readonly uuid: string;
  readonly result: Json | undefined;
}

export interface LogMessage {
  readonly uuid: string;
  readonly severity: string;
  readonly message: string;
  readonly source: number | undefined;
}

export interface StatusReply {
  readonly status: number;
  readonly message: string | undefined;
  readonly statusVersion: number;
  readonly previousStatus: number | undefined;
}

export interface EndSessionReply {
  readonly success: boolean;
  readonly message: string | undefined;
}

/** A piece of a byte stream; the same in both directions. */
export interface Frame {
  readonly payload: Uint8Array;
  readonly frameType: number;
}

export const empty: Codec<object> = message({});

export const driverReport: Codec<DriverReport> = message({
  uuid: [1, text],
  parentUuid: [2, optional(text)],
  labels: [3, labels],
  description: [4, optional(text)],
  methodsDescription: [5, labels],
});

export const report: Codec<Report> = message({
  uuid: [1, text],
  labels: [2, labels],
  reports: [3, repeated(driverReport)],
});

export const driverCall: Codec<DriverCall> = message({
  uuid: [1, text],
  method: [2, text],
  args: [3, repeated(value)],
});

export const driverResult: Codec<DriverResult> = message({ uuid: [1, text], result: [2, nested(value)] });

export const logMessage: Codec<LogMessage> = message({
  uuid: [1, text],
  severity: [2, text],
  message: [3, text],
  source: [4, optional(unsigned)],
});

export const statusReply: Codec<StatusReply> = message({
  status: [1, unsigned],
  message: [2, optional(text)],
  statusVersion: [3, unsigned],
  previousStatus: [4, optional(unsigned)],
});

export const endSessionReply: Codec<EndSessionReply> = message({ success: [1, bool], message: [2, optional(text)] });

export const frame: Codec<Frame> = message({ payload: [1, bytes], frameType: [2, unsigned] });
