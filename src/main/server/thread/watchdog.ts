import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Heartbeat } from "../../../contract/thread/heartbeat.ts";
import type { WorkerData } from "../../../contract/thread/server-api.ts";

/** The worker is asked this many times within `watchdogMs`: an idle one runs no more often. */
const QUESTIONS = 4;

/**
 * Notices a worker whose event loop does not run: an endless loop, a regular expression that backtracks, a
 * system call that never returns. Only time in which main itself ran counts, at most one period for each of its ticks:
 * a blocked main, a stopped process (SIGSTOP) and a suspended machine are not taken for a hung worker.
 */
export class Watchdog {
  readonly #heartbeat = new Heartbeat();
  readonly #wakeup = new MessageChannel();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;

  /** `now`: a clock in ms that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** For the worker's `workerData`. */
  get workerData(): WorkerData["heartbeat"] {
    return { shared: this.#heartbeat.shared, wakeup: this.#wakeup.port2 };
  }

  /** For its `transferList`. */
  get transferList(): MessagePort[] {
    return [this.#wakeup.port2];
  }

  /** Calls back once, when the worker has been silent for `watchdogMs`; 0: never. It does not hold the process. */
  watch(watchdogMs: number, onHung: () => void): void {
    this.stop();
    if (watchdogMs === 0) return;
    const period = watchdogMs / QUESTIONS;
    let silentMs = 0;
    let tickedAt = this.#now();
    this.#ask();
    this.#timer = setInterval(() => {
      const now = this.#now();
      const ranMs = Math.min(now - tickedAt, period);
      tickedAt = now;
      if (this.#heartbeat.isAnswered) {
        silentMs = 0;
        return this.#ask();
      }
      silentMs += ranMs;
      // The timer may be early by its rounding.
      if (silentMs < watchdogMs - 1) return;
      this.stop();
      onHung();
    }, period).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The worker is gone. */
  close(): void {
    this.stop();
    this.#wakeup.port1.close();
  }

  #ask(): void {
    this.#heartbeat.ask();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#wakeup.port1.postMessage(undefined);
  }
}
