import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { DriverTree } from "../drivers/driver-tree.ts";
import type { FetchPolicy } from "../fetch/fetch-policy.ts";
import type { Moved } from "../drivers/driver-export.ts";
import type { Report } from "../wire/messages.ts";
import type { LogRing } from "./log-ring.ts";
import type { StatusBoard } from "./status-board.ts";

/** How a call ended, for events. */
export interface CallEnded {
  readonly driver: string;
  readonly method: string;
  readonly durationMs: number;
  /** The gRPC status; 0 is success. */
  readonly status: number;
  readonly error?: string;
}

/** What a session reports. */
export interface SessionObserver {
  onCall(call: CallEnded): void;
  onMoved(moved: Moved): void;
  /** A failure whose text the client does not get. */
  onFailure(message: string, error: unknown): void;
}

export interface SessionParts {
  readonly tree: DriverTree;
  readonly status: StatusBoard;
  readonly log: LogRing;
  readonly observer: SessionObserver;
  readonly fetchUrls: FetchPolicy;
  /** Asked by a client, after its command; undefined if there is no lease to end. */
  readonly endLease?: (() => void) | undefined;
}

/** Calls at once, in one session. */
const MAX_CALLS = 256;

/** What the clients of one lease share, or those of a local listener: drivers, status, log. */
export class Session implements SessionParts {
  readonly tree: DriverTree;
  readonly status: StatusBoard;
  readonly log: LogRing;
  readonly observer: SessionObserver;
  readonly fetchUrls: FetchPolicy;
  readonly endLease: (() => void) | undefined;
  readonly report: Report;
  /** Fires at the end: calls and streams end with it. */
  readonly ending: AbortController = new AbortController();
  #calls = 0;

  constructor({ tree, status, log, observer, fetchUrls, endLease }: SessionParts) {
    this.tree = tree;
    this.status = status;
    this.log = log;
    this.observer = observer;
    this.fetchUrls = fetchUrls;
    this.endLease = endLease;
    // Each call and stream has one; their number is limited.
    setMaxListeners(0, this.ending.signal);
    this.report = { uuid: randomUUID(), labels: {}, reports: tree.reports };
  }

  /** Counts a call; false if there are too many. */
  beginCall(): boolean {
    if (this.#calls >= MAX_CALLS) return false;
    this.#calls++;
    return true;
  }

  endCall(): void {
    this.#calls--;
  }

  nameOf(uuid: string): string {
    const report = this.tree.reports.find((each) => each.uuid === uuid);
    return report?.labels["jumpstarter.dev/name"] ?? (report ? "root" : "unknown");
  }

  /**
   * Ends calls and the log, gives up open files, closes the drivers.
   * @throws {Error} what closing the drivers failed with.
   */
  async close(): Promise<void> {
    this.ending.abort(new Error("the session has ended"));
    this.log.end();
    await this.tree.close();
  }
}
