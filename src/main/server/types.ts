import type { Counters } from "../../contract/events/counters.ts";
import type { TftpState } from "../../contract/events/events.ts";
import type { BoundAddress } from "../../contract/endpoint.ts";
import type { LoopDelay, RunningTransfer } from "../../contract/thread/server-api.ts";

export interface StartOptions {
  /** Cancels the start: it rejects with ABORTED once the thread is gone. */
  readonly signal?: AbortSignal | undefined;
}

export interface StopOptions {
  /**
   * How long running transfers may go on, in ms, 0 to 3600000.
   * @default the option stopGraceMs
   */
  readonly graceMs?: number | undefined;
  /** Ends the grace: the clients of running transfers get ERROR 0 at once, and stop() resolves. */
  readonly signal?: AbortSignal | undefined;
}

/** What the server is bound to; `host` and `port` are the first of `addresses`. */
export interface StartedServer extends BoundAddress {
  /** In the order of the option `host`. */
  readonly addresses: readonly BoundAddress[];
}

/** The driver at one moment. */
export interface Snapshot {
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number;
  readonly state: TftpState;
  /** Empty if no thread serves. */
  readonly transfers: readonly RunningTransfer[];
  /** Since the driver was made, over all its starts and restarts. */
  readonly counters: Counters;
  /** Absent if no thread serves. */
  readonly loopDelay?: LoopDelay;
}
