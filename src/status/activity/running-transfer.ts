import type { ProgressEvent, TransferIdentity } from "../../contract/events/events.ts";
import type { Endpoint } from "../../contract/endpoint.ts";

/** The rate shown follows the measured one this closely: about two seconds of the past count. */
const WEIGHT = 0.2;

/** A transfer is stalled after this time without progress, in ms; progress is reported four times a second. */
const STALL = 2_000;

/** One running transfer: how far it is, how fast, and how long it will take. Times `now` are in ms since the epoch. */
export class RunningTransfer {
  readonly id: number;
  readonly file: string;
  readonly client: Endpoint;
  /** In bytes on the wire; undefined if it is not known beforehand (netascii). */
  readonly total: number | undefined;
  /** Acknowledged so far, in bytes. */
  bytes: number;
  #heardAt: number;
  #rate: number | undefined;

  /** `bytes`: acknowledged before it was first heard of. */
  constructor(
    { id, file, client, total, at }: TransferIdentity & { readonly total?: number; readonly at: number },
    bytes = 0,
  ) {
    this.bytes = bytes;
    this.id = id;
    this.file = file;
    this.client = client;
    this.total = total;
    this.#heardAt = at;
  }

  progress({ bytes, bytesPerSecond, at }: ProgressEvent): void {
    this.#rate = this.#rate === undefined ? bytesPerSecond : this.#rate + WEIGHT * (bytesPerSecond - this.#rate);
    this.bytes = bytes;
    this.#heardAt = at;
  }

  /** From 0 to 1; undefined if the total is not known beforehand. */
  get share(): number | undefined {
    if (this.total === undefined) return undefined;
    return this.total === 0 ? 1 : Math.min(this.bytes / this.total, 1);
  }

  isStalled(now: number): boolean {
    // The system's clock may be set back: then this lasts until the next progress, not until the clock has caught up.
    return Math.abs(now - this.#heardAt) >= STALL;
  }

  /** In bytes per second, smoothed; 0 if it is stalled, undefined before the first progress. */
  rate(now: number): number | undefined {
    return this.isStalled(now) ? 0 : this.#rate;
  }

  /** In ms; undefined if it is unknown. */
  remaining(now: number): number | undefined {
    const rate = this.rate(now);
    if (this.total === undefined || !rate) return undefined;
    return (Math.max(this.total - this.bytes, 0) * 1_000) / rate;
  }
}
