import type { BoundAddress, Endpoint } from "../endpoint.ts";
import type { ErrorInfo } from "../errors.ts";
import type { DropReason, RefusalReason, TransferOutcome } from "./outcomes.ts";

export type TransferMode = "octet" | "netascii";

/**
 * The states of the driver.
 * - `stopped`: there is no thread; before the first start, after a stop, after a failed start.
 * - `starting`: the thread is spawned and binds the port; also from a crash until it serves again.
 * - `running`: the port is bound.
 * - `stopping`: no new transfers; running ones may end.
 * - `failed`: the thread died while it was running, and is not restarted (any more).
 */
export const tftpStates = ["stopped", "starting", "running", "stopping", "failed"] as const;
export type TftpState = (typeof tftpStates)[number];

interface EventBase {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The driver's `state` has changed. From "running" to "starting" means that the thread crashed and is being restarted;
 * to "stopped" from "starting", that a start failed or was cancelled.
 */
export interface StateEvent extends EventBase {
  readonly type: "state";
  readonly state: TftpState;
  readonly previous: TftpState;
}

/** The well-known port is bound. It comes again when the first address is another one. */
export interface ListeningEvent extends EventBase, BoundAddress {
  readonly type: "listening";
  /** All that is bound, in the order of the option `host`; `host` and `port` are the first of them. */
  readonly addresses: readonly BoundAddress[];
  /** How datagrams leave. */
  readonly transport: "dgram" | "native";
}

/**
 * The server listens on one more address, or does not any more: an interface or address of the option `host` has come,
 * gone or changed.
 */
export interface ListeningAddressEvent extends EventBase, BoundAddress {
  readonly type: "listening-address";
  readonly change: "added" | "removed";
}

/** What identifies a transfer in its events. */
export interface TransferIdentity {
  /** Unique while the driver lives, also over restarts of its thread. */
  readonly id: number;
  /**
   * The name that was asked for, whatever a rule makes of it. Relative to the root, `/` between its parts; bytes that are
   * not printable UTF-8 stand as `\xNN`.
   */
  readonly file: string;
  readonly client: Endpoint;
}

/** A read request was accepted, and its transfer begins. */
export interface RequestEvent extends EventBase, TransferIdentity {
  readonly type: "request";
  /** The endpoint that the request was sent to. */
  readonly local: Endpoint;
  readonly mode: TransferMode;
  /** What the client asked for, names in lower case; bytes that are not printable UTF-8 stand as `\xNN`. */
  readonly requested: Readonly<Record<string, string>>;
  /** What the OACK grants (RFC 2347); empty if none was sent. */
  readonly granted: Readonly<Record<string, number>>;
  /** In bytes on the wire; absent if it is not known beforehand (netascii). */
  readonly total?: number;
  /** The rule that was applied: its place in the option `rules`, from 0. */
  readonly rule?: number;
  /** The name that is served if a rule made another one of `file`: relative to the root, or the rule's directory. */
  readonly served?: string;
}

/** At most four a second and transfer. */
export interface ProgressEvent extends EventBase, TransferIdentity {
  readonly type: "progress";
  /** Acknowledged so far, in bytes. */
  readonly bytes: number;
  readonly total?: number;
  /** Since the last progress event. */
  readonly bytesPerSecond: number;
}

/** A transfer is over, and all that it held is freed. */
export interface TransferEndedEvent extends EventBase, TransferIdentity {
  readonly type: "transfer-ended";
  readonly outcome: TransferOutcome;
  /** Acknowledged, in bytes. */
  readonly bytes: number;
  readonly total?: number;
  readonly durationMs: number;
  /** How often an OACK, a block or a window was sent again. */
  readonly retransmissions: number;
  readonly blockSize: number;
  readonly windowSize: number;
  /** The ERROR packet that ended it, sent or received; `code` is absent if an ICMP message did. */
  readonly error?: { readonly code?: number; readonly text: string };
  /** Of a failed transfer: what went wrong underneath. */
  readonly cause?: ErrorInfo;
}

/** A request was answered with an ERROR. In a flood, equal ones (reason and client address) are reported together. */
export interface RefusedEvent extends EventBase {
  readonly type: "refused";
  readonly reason: RefusalReason;
  /** At most 1,024 characters of it. Of refusals that are reported together, the last one's. */
  readonly file: string;
  readonly client: Endpoint;
  /** The endpoint that the request was sent to. Of refusals that are reported together, the last one's. */
  readonly local?: Endpoint;
  /** How many requests this reports; absent: one. */
  readonly count?: number;
  /** The TFTP error code that the client got (RFC 1350, appendix). */
  readonly errorCode: number;
  readonly cause?: ErrorInfo;
}

/** Datagrams on the well-known port that drew nothing. Equal ones (reason and address) are reported together. */
export interface DroppedEvent extends EventBase {
  readonly type: "dropped";
  readonly reason: DropReason;
  /** Absent if too many clients were dropped at once to list them: then one event reports them all. */
  readonly client?: Endpoint;
  readonly count: number;
}

/**
 * The server's thread died, or could not be restarted. Every pending call was rejected, and the transfers that ran are
 * lost: no "transfer-ended" reports them.
 */
export interface WorkerCrashedEvent extends EventBase {
  readonly type: "worker-crashed";
  readonly cause: ErrorInfo;
  /** Absent if it will not be restarted: the state is "failed" then, or a stop() was under way. */
  readonly restartInMs?: number;
}

/** A new thread serves again, on the same host and port. */
export interface RestartedEvent extends EventBase {
  readonly type: "restarted";
  readonly host: string;
  readonly port: number;
  /** Which restart within the last minute this was, from 1. */
  readonly attempt: number;
}

/** The thread has ended as asked. */
export interface StoppedEvent extends EventBase {
  readonly type: "stopped";
}

/** Something that an operator should know of and that is neither of the above. */
export interface WarningEvent extends EventBase {
  readonly type: "warning";
  readonly message: string;
  readonly cause?: ErrorInfo;
}

/** Everything that the driver reports, discriminated by `type`. */
export type TftpEvent =
  | StateEvent
  | ListeningEvent
  | ListeningAddressEvent
  | RequestEvent
  | ProgressEvent
  | TransferEndedEvent
  | RefusedEvent
  | DroppedEvent
  | WorkerCrashedEvent
  | RestartedEvent
  | StoppedEvent
  | WarningEvent
  | LostEvents;

/**
 * `count` events are missing before this place: the caller's thread was blocked, and more happened than the server's
 * thread keeps; or, in `tftp.events()`, its reader fell behind. The counters of `snapshot()` miss nothing.
 */
export interface LostEvents extends EventBase {
  readonly type: "lost";
  readonly count: number;
}

export type TftpEventType = TftpEvent["type"];

/** The types of all events. */
export const tftpEventTypes: readonly TftpEventType[] = Object.keys({
  state: true,
  listening: true,
  "listening-address": true,
  request: true,
  progress: true,
  "transfer-ended": true,
  refused: true,
  dropped: true,
  "worker-crashed": true,
  restarted: true,
  stopped: true,
  lost: true,
  warning: true,
} satisfies Record<TftpEventType, true>) as TftpEventType[];

export type TftpEventOf<Type extends TftpEventType> = Extract<TftpEvent, { type: Type }>;
