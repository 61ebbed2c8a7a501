import type { SlabEntry } from "../../../shared/slab.ts";
import type { PortPlace } from "../ports/port-holders.ts";
import type { QueueEntry, RecencyQueue } from "./recency-queue.ts";

/** The places of an admission in the registry's tables. */
export interface RegistryPlaces<Admission> {
  readonly running: SlabEntry<Admission>;
  readonly share: ClientShare<Admission>;
  /** Until the client has acknowledged anything: by age, among all admissions and among those of this client. */
  unproved: UnprovedPlaces<Admission> | undefined;
}

/** The places by age. */
export interface UnprovedPlaces<Admission> {
  readonly all: QueueEntry<Admission>;
  readonly client: QueueEntry<Admission>;
  /** While it holds a port of a range. */
  port?: PortPlace<Admission> | undefined;
}

/** What one client has of the places. */
export interface ClientShare<Admission> {
  readonly key: string;
  count: number;
  readonly unproved: RecencyQueue<Admission>;
}
