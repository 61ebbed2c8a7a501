import type { StateEvent, TftpState } from "../../contract/events/events.ts";
import { debug } from "../../shared/debug.ts";

/** The driver's state; each change becomes an event. */
export class StateHolder {
  readonly #emit: (event: StateEvent) => void;
  #current: TftpState = "stopped";

  constructor(emit: (event: StateEvent) => void) {
    this.#emit = emit;
  }

  get current(): TftpState {
    return this.#current;
  }

  /**
   * Changes the state at once, and emits the event in a microtask: a listener that calls start() or stop() then meets a
   * change that is complete. The microtask runs before the promise of the call that brought the change about resolves.
   */
  change(state: TftpState): void {
    const previous = this.#current;
    if (state === previous) return;
    debug("state %s -> %s", previous, state);
    this.#current = state;
    const event = { type: "state", at: Date.now(), state, previous } as const;
    queueMicrotask(() => this.#emit(event));
  }
}
