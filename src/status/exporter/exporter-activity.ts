import type {
  ControllerEvent,
  DriverCallEvent,
  ExporterEvent,
  FileMovedEvent,
} from "../../contract/events/exporter-events.ts";
import type { Total } from "../activity/totals.ts";

/** The client that has leased an exporter. */
export interface LeaseHolder {
  readonly lease: string;
  readonly client: string;
  /** In milliseconds since the epoch. */
  readonly since: number;
}

type ControllerWord = Pick<ControllerEvent, "state" | "endpoint" | "cause">;

/** At most this many addresses are remembered. */
const MAX_ADDRESSES = 16;

/** What a person wants to know of an exporter, gathered from its events alone. Its memory is bounded. */
export class ExporterActivity {
  #holder: LeaseHolder | undefined;
  #controller: ControllerWord | undefined;
  readonly #addresses: string[] = [];
  #leases = 0;
  #calls = 0;
  #failedCalls = 0;
  #uploads = 0;
  #downloads = 0;
  #brokenFiles = 0;

  /** Undefined while it is not leased. */
  get holder(): LeaseHolder | undefined {
    return this.#holder;
  }

  /** The last word about the connection to the controller; undefined without one. */
  get controller(): ControllerWord | undefined {
    return this.#controller;
  }

  /** Those that it listens on, without a controller. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Calls, uploads and downloads always; the rest if there are any. */
  get totals(): readonly Total[] {
    return [
      ...total(this.#leases, "lease", "leases"),
      { name: this.#calls === 1 ? "call" : "calls", count: this.#calls },
      ...total(this.#failedCalls, "failed call", "failed calls"),
      { name: this.#uploads === 1 ? "upload" : "uploads", count: this.#uploads },
      { name: this.#downloads === 1 ? "download" : "downloads", count: this.#downloads },
      ...total(this.#brokenFiles, "broken off"),
    ];
  }

  apply(event: ExporterEvent): void {
    switch (event.type) {
      case "exporter-listening":
        if (this.#addresses.length < MAX_ADDRESSES) this.#addresses.push(event.address);
        return;
      case "controller":
        this.#controller = event;
        return;
      case "lease-started":
        this.#leases++;
        this.#holder = { lease: event.lease, client: event.client, since: event.at };
        return;
      case "lease-ended":
        this.#holder = undefined;
        return;
      case "driver-call":
        return this.#call(event);
      case "file-moved":
        return this.#moved(event);
      default:
    }
  }

  #call({ status }: DriverCallEvent): void {
    this.#calls++;
    if (status !== 0) this.#failedCalls++;
  }

  #moved({ direction, complete }: FileMovedEvent): void {
    if (!complete) this.#brokenFiles++;
    else if (direction === "upload") this.#uploads++;
    else this.#downloads++;
  }
}

function total(count: number, one: string, more = one): Total[] {
  return count === 0 ? [] : [{ name: count === 1 ? one : more, count }];
}
