import { EAGAIN } from "../system/abi.ts";
import { AWAKE_MS, BriefWait } from "./brief-wait.ts";
import type { Clock } from "../system/clock.ts";

/** Bytes received, or the negative errno. With `wait` as long as the socket's receive timeout. */
export type Receive = (wait: boolean) => number;

/**
 * Waits for the next datagram of a transfer that runs alone: awake for AWAKE_MS if its client has been quick, then
 * asleep until the socket's receive timeout.
 */
export class AnswerWait {
  readonly #receive: Receive;
  readonly #briefWait: BriefWait;

  constructor(receive: Receive, briefWait: BriefWait = new BriefWait()) {
    this.#receive = receive;
    this.#briefWait = briefWait;
  }

  /** The next datagrams are another client's. */
  reset(): void {
    this.#briefWait.reset();
  }

  /** Bytes received, or the negative errno: EAGAIN if nothing came. Reads `clock` at the end. */
  receive(clock: Clock): number {
    return this.#receiveAwake(clock) ?? this.#receiveAsleep(clock);
  }

  /** Undefined: nothing came, or it is not worth it. */
  #receiveAwake(clock: Clock): number | undefined {
    if (!this.#briefWait.isWorthIt) return undefined;
    const end = clock.read() + AWAKE_MS;
    let length: number;
    do length = this.#receive(false);
    while (length === -EAGAIN && clock.read() < end);
    if (length === -EAGAIN) {
      this.#briefWait.failed();
      return undefined;
    }
    this.#briefWait.succeeded();
    clock.read();
    return length;
  }

  #receiveAsleep(clock: Clock): number {
    const before = clock.now;
    const length = this.#receive(true);
    this.#briefWait.slept(clock.read() - before, length >= 0);
    return length;
  }
}
