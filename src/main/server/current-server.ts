import { ServerNotRunning } from "../../contract/errors.ts";
import type { Endpoint } from "../../contract/endpoint.ts";
import type { StateEvent, TftpEvent, TftpState } from "../../contract/events/events.ts";
import { BoundAddresses } from "./bound-addresses.ts";
import type { ServerThread } from "./thread/server-thread.ts";
import { StateHolder } from "./state-holder.ts";

/** What there is of the server at this moment: its state, its thread, and what is bound. */
export class CurrentServer {
  /** The one that serves, starts or ends; undefined while stopped, and from a crash to the next attempt. */
  thread: ServerThread | undefined;
  readonly #state: StateHolder;
  /** What is configured, for as long as nothing is bound. */
  readonly #configured: Endpoint;
  /** What is bound, or will be again after a crash; undefined while stopped. */
  #bound: BoundAddresses | undefined;

  constructor(emit: (event: StateEvent) => void, configured: Endpoint) {
    this.#state = new StateHolder(emit);
    this.#configured = configured;
  }

  get state(): TftpState {
    return this.#state.current;
  }

  /** The first address that is bound; also between a crash and the restart. Otherwise what is configured. */
  get endpoint(): Endpoint {
    return this.#bound?.first ?? this.#configured;
  }

  /** All that is bound; also between a crash and the restart. None while stopped. */
  get addresses(): readonly Endpoint[] {
    return this.#bound?.list ?? [];
  }

  /** Whether addresses were bound since the last stop: a thread that starts is a restarted one then. */
  get hasServed(): boolean {
    return this.#bound !== undefined;
  }

  /** The thread, to be asked. @throws {ServerNotRunning} */
  get running(): ServerThread {
    if (this.state === "running" && this.thread) return this.thread;
    throw new ServerNotRunning();
  }

  /** The thread that has transfers: it runs, or is about to end. */
  get serving(): ServerThread | undefined {
    return this.state === "running" || this.state === "stopping" ? this.thread : undefined;
  }

  change(state: TftpState): void {
    this.#state.change(state);
  }

  /** The thread has bound what there is to bind. */
  run(bound: readonly Endpoint[]): void {
    this.#bound = new BoundAddresses(bound, this.endpoint);
    this.change("running");
  }

  /** Nothing serves any more. */
  end(state: "stopped" | "failed"): void {
    this.change(state);
    this.thread = undefined;
    this.#bound = undefined;
  }

  /** The thread follows addresses as they change. */
  note(event: TftpEvent): void {
    if (this.state === "running") this.#bound?.apply(event);
  }
}
