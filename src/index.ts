export { ServerNotRunning, TftpError, tftpErrorCodes, toError } from "./contract/errors.ts";
export type { TftpErrorCode, ErrorInfo } from "./contract/errors.ts";
export type { Counters } from "./contract/events/counters.ts";
export { tftpEventTypes, tftpStates } from "./contract/events/events.ts";
export { dropReasons, refusalReasons, transferOutcomes } from "./contract/events/outcomes.ts";
export type {
  DroppedEvent,
  ListeningAddressEvent,
  ListeningEvent,
  LostEvents,
  ProgressEvent,
  RefusedEvent,
  RequestEvent,
  RestartedEvent,
  StateEvent,
  StoppedEvent,
  TftpEvent,
  TftpEventOf,
  TftpEventType,
  TftpState,
  TransferEndedEvent,
  TransferIdentity,
  TransferMode,
  WarningEvent,
  WorkerCrashedEvent,
} from "./contract/events/events.ts";
export type { DropReason, RefusalReason, TransferOutcome } from "./contract/events/outcomes.ts";
export type { BoundAddress, Endpoint } from "./contract/endpoint.ts";
export type { Logger, ReloadableOptions, TftpOptions } from "./contract/options/options.ts";
export type { ControllerConfig, RestartPolicy } from "./contract/options/controller-config.ts";
export type { ServerConfig, SourceConfig, SymlinkPolicy } from "./contract/options/server-config.ts";
export type { ExplainedRequest, Explanation, LookupStep } from "./contract/rules/explanation.ts";
export type { ExplainOptions } from "./main/explain.ts";
export { profileNames, type ProfileName } from "./contract/rules/profile-names.ts";
export type { MapText, Rule, RuleList } from "./contract/rules/rules.ts";
export type { PortRange, PortsPolicy } from "./contract/options/ports.ts";
export type { LoopDelay, RunningTransfer } from "./contract/thread/server-api.ts";
export type { FileRequest, VirtualContent } from "./contract/rules/virtual-files.ts";
export type { ProbeOptions, ProbeResult } from "./main/client/probe.ts";
export { Driver, type MethodName } from "./main/driver.ts";
export type { RequestDiagnostics, TransferDiagnostics } from "./main/events/diagnostics.ts";
export type { EventFilter, EventFor, EventListener } from "./main/events/event-hub.ts";
export type { EventStream, StreamedEvent } from "./main/events/event-stream.ts";
export type { TransferFilter } from "./main/events/transfer-filter.ts";
export type { WaitOptions } from "./main/events/wait-for-transfer.ts";
export type { Snapshot, StartedServer, StartOptions, StopOptions } from "./main/server/types.ts";
export type { Leftover } from "./main/storage/cleanup/removal.ts";
export type { StorageContent } from "./main/storage/content.ts";
export type { ProgressListener, WriteProgress } from "./main/storage/progress.ts";
export type { Storage } from "./main/storage/storage.ts";
export type {
  CreatedEntry,
  HashAlgorithm,
  ReadOptions,
  StorageEntry,
  WriteOptions,
  WriteResult,
} from "./main/storage/types.ts";
export { connectDriver } from "./main/remote/connect-driver.ts";
export { exposeDriver } from "./main/remote/expose-driver.ts";
export type { RemoteDriver } from "./main/remote/remote-driver.ts";
export { Tftp } from "./main/tftp.ts";
export type { AddedFile, FileHandler, HandlerResult } from "./main/virtual-files.ts";
