import type { Duplex } from "node:stream";
import type { ExporterEvents } from "../exporter-events.ts";
import { serveConnection } from "../server/serve-connection.ts";
import type { Session } from "../session/session.ts";
import type { ListenReply } from "../wire/controller-messages.ts";
import { BackOff } from "./back-off.ts";
import type { ControllerCalls } from "./controller-link.ts";
import type { WantedLease } from "./lease-machine.ts";

/** Router streams at once, in one lease. */
const MAX_CONNECTIONS = 128;

export interface ServedLeaseParts {
  readonly calls: Pick<ControllerCalls, "listen">;
  /** The byte stream at the router that a client waits at. */
  readonly connect: (dialled: ListenReply) => Duplex;
  readonly events: ExporterEvents;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A lease that is on: its drivers, and the connections of its clients. */
export class ServedLease {
  readonly lease: WantedLease;
  readonly session: Session;
  readonly begun: number = performance.now();
  /** Fires once the controller has taken the lease away, or the exporter leaves: nothing is to be waited for. */
  readonly ending: AbortController = new AbortController();
  /** The beforeLease hook, and what follows from it. */
  prepared: Promise<void> = Promise.resolve();
  /** The afterLease hook has run, or is not to run any more. */
  isTidied = false;
  readonly #parts: ServedLeaseParts;
  /** Ends the Listen stream and the connections. */
  readonly #stop = new AbortController();
  #closed: Promise<unknown> | undefined;

  constructor(lease: WantedLease, session: Session, parts: ServedLeaseParts) {
    this.lease = lease;
    this.session = session;
    this.#parts = parts;
  }

  /** Takes the clients that dial, until stop(). Resolves then; never rejects. */
  async listen(): Promise<void> {
    const { calls, events, pause } = this.#parts;
    const { signal } = this.#stop;
    const backOff = new BackOff();
    const connections = new Set<Duplex>();
    signal.addEventListener("abort", () => connections.forEach((connection) => connection.destroy()));
    while (!signal.aborted) {
      try {
        for await (const dialled of calls.listen(this.lease.name, signal)) {
          backOff.reset();
          // What a connection that was lost had still to say.
          if (!signal.aborted) this.#accept(dialled, connections);
        }
      } catch (error) {
        if (!signal.aborted) events.warn(`lease ${this.lease.name}: listening is interrupted`, error);
      }
      if (!signal.aborted) await pause(backOff.take(), signal);
    }
  }

  /** Ends the connections; no client gets in any more. */
  stop(): void {
    this.#stop.abort();
  }

  /** Once. Returns what it failed with. */
  closeDrivers(): Promise<unknown> {
    this.#closed ??= this.session.close().then(
      () => undefined,
      (error: unknown) => {
        this.#parts.events.warn(`lease ${this.lease.name}: closing the drivers failed`, error);
        return error;
      },
    );
    return this.#closed;
  }

  /** Not awaited: each connection lives on its own. */
  #accept(dialled: ListenReply, connections: Set<Duplex>): void {
    const { events, connect } = this.#parts;
    if (connections.size >= MAX_CONNECTIONS) return events.warn(`more than ${MAX_CONNECTIONS} connections in a lease`);
    try {
      const connection = connect(dialled);
      connections.add(connection);
      connection.once("close", () => connections.delete(connection));
      serveConnection(connection, this.session);
    } catch (error) {
      events.warn("a client's connection could not be taken", error);
    }
  }
}
