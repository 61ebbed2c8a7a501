import type { Counters } from "../events/counters.ts";
import type { TftpEvent, TransferIdentity } from "../events/events.ts";
import type { Endpoint } from "../endpoint.ts";
import type { ExplainedRequest, Explanation } from "../rules/explanation.ts";
import type { ReloadableConfig } from "../options/options.ts";
import type { ServerConfig } from "../options/server-config.ts";
import type { FileRequest, HandlerAnswer, VirtualRule } from "../rules/virtual-files.ts";

/** What main may ask of the worker. comlink carries it; every rejection is an ErrorInfo, made by `toErrorInfo`. */
export interface ServerApi {
  /**
   * Binds the well-known port. Resolves with what is bound. `isRestart`: after a crash, addresses that are missing are
   * left out, and bound when they come; there may be none at first.
   */
  start(config: ServerConfig, firstTransferId: number, isRestart?: boolean): Promise<readonly Endpoint[]>;
  /**
   * Takes no new transfers, lets running ones end for at most `graceMs`, sends the clients of the rest an ERROR, frees
   * everything. A second call with 0 cuts the grace of the first short.
   */
  stop(graceMs: number): Promise<void>;
  snapshot(): Promise<ServerSnapshot>;
  /** At any time, also before start(). */
  addVirtualFiles(rules: readonly VirtualRule[]): Promise<void>;
  removeVirtualFile(id: number): Promise<void>;
  /** These hold for requests from now on; running transfers go on as they began. */
  reconfigure(options: Partial<ReloadableConfig>): Promise<void>;
  /** What a request would lead to. By the running server, or, if none runs, by one with these options that binds no port. */
  explain(request: ExplainedRequest, config: ServerConfig): Promise<Explanation>;
  /** Serves these bytes under that name, uncounted, to a client that asks for it. Resolves with an address that is bound. */
  openProbe(name: string, content: Uint8Array): Promise<Endpoint>;
  closeProbe(name: string): Promise<void>;
}

/** What the worker may ask of main. Both directions share the worker's own port: see WorkerLink. */
export interface MainApi {
  /**
   * Asks the handler of that rule, unless `deadline` (in ms, of `monotonicMs`) is over. Never rejects; bytes in the
   * answer are transferred.
   */
  provideFile(id: number, request: FileRequest, deadline: number): Promise<HandlerAnswer>;
  /**
   * A batch: at most every 50 ms, or as soon as 256 have gathered; and the counters at that moment. Its answer
   * acknowledges it: the next batch is not sent before.
   */
  onEvents(events: readonly TftpEvent[], counters: Counters): void;
  /** Ensures that the store's process runs. Resolves with the path of its socket; rejects with an ErrorInfo. */
  openStore(): Promise<string>;
}

/** A running transfer, as `snapshot()` shows it. */
export interface RunningTransfer extends TransferIdentity {
  /** Acknowledged so far, in bytes. */
  readonly bytes: number;
  readonly total?: number;
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
  readonly blockSize: number;
  readonly windowSize: number;
  readonly retransmissions: number;
}

/**
 * How late the thread's event loop was for its timers, in ms, over the last minute or two. Measured only while
 * transfers run: an idle thread does nothing, not even this.
 */
export interface LoopDelay {
  readonly meanMs: number;
  /** 99 of 100 measurements were not above this. */
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** The thread at one moment. */
export interface ServerSnapshot {
  readonly transfers: readonly RunningTransfer[];
  /** Since this thread's start. */
  readonly counters: Counters;
  readonly loopDelay: LoopDelay;
}

/** What the thread is born with. */
export interface WorkerData {
  /** The shared memory of a Heartbeat, and the MessagePort by which main asks the thread to answer it. */
  readonly heartbeat: { readonly shared: SharedArrayBuffer; readonly wakeup: object };
  /** The shared memory of a MappedMemory. */
  readonly mapped: SharedArrayBuffer;
}
