/** What happens to a server whose thread died: it is started again on the same host and port, or never. */
export type RestartPolicy = "on-crash" | "never";

/** The options that the caller's thread keeps, validated: plain data only. */
export interface ControllerConfig {
  /**
   * Whether close() removes what storage created.
   * @default true
   */
  readonly removeCreatedOnClose: boolean;
  /**
   * Whether storage keeps a journal of what it creates, so that after a crash of this process the next start removes
   * it. `true`: in systemd's STATE_DIRECTORY, else in tftp-driver/ under XDG_STATE_HOME or ~/.local/state, else under
   * the temporary directory. A path: in that directory, which must not be under `rootDir`.
   * @default true
   */
  readonly journal: boolean | string;
  /**
   * How long stop() lets running transfers go on, in ms.
   * @default 10000
   */
  readonly stopGraceMs: number;
  /**
   * How long start() may take, in ms; after that it rejects with START_TIMEOUT.
   * @default 30000
   */
  readonly startTimeoutMs: number;
  /**
   * Whether a crashed thread is started again: after 100 ms, then after twice as long each time, at most five times a
   * minute.
   * @default "on-crash"
   */
  readonly restart: RestartPolicy;
  /**
   * The largest JavaScript heap of the server's thread, in bytes; over it the thread dies, not the process. Blocks read
   * ahead (`readAheadBytes`) come on top of it.
   * @default 536870912
   */
  readonly workerHeapBytes: number;
  /**
   * How long the thread's event loop may not run, in ms of the caller's own waking time; after that the thread is ended
   * and restarted like one that crashed (WORKER_HUNG). 0: for ever.
   * @default 10000
   */
  readonly watchdogMs: number;
  /**
   * How many ended transfers history() remembers.
   * @default 1000
   */
  readonly historySize: number;
  /**
   * The file that the server's thread starts with, as a file URL or a path: the place that a bundler gave to
   * `tftp-driver/worker`. Without it, the file of this package.
   * @default undefined
   */
  readonly workerUrl: string | URL | undefined;
  /**
   * The same for the process that the option `source` needs: the place that a bundler gave to `tftp-driver/store`.
   * @default undefined
   */
  readonly storeUrl: string | URL | undefined;
}
