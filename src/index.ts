export { ServerNotRunning, TftpError } from "./contract/errors.ts";
export type { TftpErrorCode, ErrorInfo } from "./contract/errors.ts";
export type { Counters } from "./contract/counters.ts";
export type {
  DropReason,
  DroppedEvent,
  Endpoint,
  ListeningEvent,
  LostEvents,
  TransferOutcome,
  ProgressEvent,
  RefusalReason,
  RefusedEvent,
  RequestEvent,
  RestartedEvent,
  StoppedEvent,
  TftpEvent,
  TftpEventOf,
  TftpEventType,
  TransferEndedEvent,
  TransferIdentity,
  TransferMode,
  WarningEvent,
  WorkerCrashedEvent,
} from "./contract/events.ts";
export type {
  ControllerConfig,
  ReloadableOptions,
  Logger,
  RestartPolicy,
  ServerConfig,
  SourceConfig,
  SymlinkPolicy,
  TftpOptions,
} from "./contract/options.ts";
export type { FileRequest, VirtualContent } from "./contract/virtual-files.ts";
export { Driver } from "./main/driver.ts";
export type { EventFilter, EventFor, EventListener } from "./main/events/event-hub.ts";
export type { TftpState } from "./main/server/lifecycle.ts";
export type { StorageEntry, WriteResult } from "./main/storage/backend.ts";
export type { StorageContent } from "./main/storage/content.ts";
export type { ProgressListener, WriteProgress } from "./main/storage/progress.ts";
export type { Leftover } from "./main/storage/cleanup/removal.ts";
export type { CreatedEntry, HashAlgorithm, WriteOptions } from "./main/storage/options.ts";
export { Storage } from "./main/storage/storage.ts";
export type { FileHandler, HandlerResult, ServedFile } from "./main/virtual-files.ts";
export type { LoopDelay, RunningTransfer } from "./contract/server-api.ts";
export type { EventStream, StreamedEvent } from "./main/events/event-stream.ts";
export type { TransferFilter } from "./main/events/transfer-filter.ts";
export type { WaitOptions } from "./main/events/wait-for-transfer.ts";
export type { ProbeOptions, ProbeResult } from "./main/client/probe.ts";
export { type Snapshot, type StartOptions, type StopOptions, Tftp } from "./main/tftp.ts";
