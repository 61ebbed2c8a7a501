import { type TftpError, toErrorInfo } from "../../contract/errors.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import { Pause } from "./pause.ts";
import type { Restart, RestartSchedule } from "./restart-schedule.ts";

/** What the supervisor needs of the lifecycle. */
export interface Supervised {
  /** Spawns a thread, and resolves with what it has bound. */
  readonly relaunch: () => Promise<Endpoint>;
  /** It will not be tried again. */
  readonly onGivenUp: () => void;
  readonly emit: (event: TftpEvent) => void;
}

/** Restarts a crashed thread: from the crash until one serves again, or none is tried any more. */
export class Supervisor {
  readonly #schedule: RestartSchedule;
  readonly #supervised: Supervised;
  #pause: Pause | undefined;
  #cancelled: TftpError | undefined;
  #isRef: boolean;

  constructor(schedule: RestartSchedule, supervised: Supervised, isRef: boolean) {
    this.#schedule = schedule;
    this.#supervised = supervised;
    this.#isRef = isRef;
  }

  /** @throws {TftpError} what the last thread died of, or what `cancel` was given. */
  async recover(cause: TftpError): Promise<void> {
    let fault: unknown = cause;
    for (;;) {
      const restart = this.#schedule.next(performance.now());
      this.#pause = restart && new Pause(restart.delayMs, this.#isRef);
      if (!restart) this.#supervised.onGivenUp();
      this.#reportCrash(fault, restart);
      if (!restart || !this.#pause) throw fault;
      await this.#pause.over;
      try {
        const { address, port } = await this.#supervised.relaunch();
        this.#supervised.emit({ type: "restarted", at: Date.now(), host: address, port, attempt: restart.attempt });
        return;
      } catch (error) {
        if (this.#cancelled) throw this.#cancelled;
        fault = error;
      }
    }
  }

  /** The server is not wanted any more. A thread that is starting already is for the caller to end. */
  cancel(reason: TftpError): void {
    this.#cancelled = reason;
    this.#pause?.cancel(reason);
  }

  /** Whether the pause before the next restart holds the process. */
  setRef(isRef: boolean): void {
    this.#isRef = isRef;
    this.#pause?.setRef(isRef);
  }

  #reportCrash(fault: unknown, restart: Restart | undefined): void {
    const crashed = { type: "worker-crashed", at: Date.now(), cause: toErrorInfo(fault) } as const;
    this.#supervised.emit(restart ? { ...crashed, restartInMs: restart.delayMs } : crashed);
  }
}
