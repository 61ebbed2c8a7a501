import { type ExporterStatus, exporterStatuses } from "../../contract/events/exporter-events.ts";
import { type StatusReply } from "../wire/messages.ts";

/** The status of a session, as its clients poll it. */
export class StatusBoard {
  #status: ExporterStatus;
  #message: string;
  #previous: ExporterStatus | undefined;
  /** Counts the changes, one by one: a client warns of transitions that it has missed. */
  #version = 0;

  constructor(status: ExporterStatus, message: string) {
    this.#status = "UNSPECIFIED";
    this.#message = "";
    this.set(status, message);
  }

  get status(): ExporterStatus {
    return this.#status;
  }

  set(status: ExporterStatus, message: string): void {
    this.#previous = this.#version === 0 ? undefined : this.#status;
    this.#status = status;
    this.#message = message;
    this.#version++;
  }

  /** Whether drivers may be called: during a lease and its hooks. */
  get isOpen(): boolean {
    return ["LEASE_READY", "BEFORE_LEASE_HOOK", "AFTER_LEASE_HOOK"].includes(this.#status);
  }

  reply(): StatusReply {
    return {
      status: exporterStatuses.indexOf(this.#status),
      message: this.#message,
      statusVersion: this.#version,
      previousStatus: this.#previous && exporterStatuses.indexOf(this.#previous),
    };
  }
}
