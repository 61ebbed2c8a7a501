import type { Chunk } from "../content.ts";

/** The file that a slot is read from, as the slot's users need it. */
export interface SlotLease {
  /** The reader that opened the file is gone. */
  readonly released: boolean;
  readEnded(slot: Slot): void;
}

interface SlotDependencies {
  readonly index: number;
  /** Whose file it is read from. */
  readonly lease: SlotLease;
  /** When its read began, in the order of openings and reads. */
  readonly readAt: number;
  /** Its content is beyond doubt what the file's identity stands for (`ContentFile.settledFrom`). */
  readonly settled: boolean;
  /** What it takes of the budget. */
  readonly bytes: number;
}

/** Called once a slot is loaded, or with an error if that failed. */
export type SlotListener = (error: unknown) => void;

/** A chunk in memory, or on its way there. */
export class Slot {
  readonly index: number;
  readonly lease: SlotLease;
  readonly readAt: number;
  readonly settled: boolean;
  bytes: number;
  /** Undefined while it is loading, and for good if that failed. */
  chunk: Chunk | undefined;
  loading = true;
  /** How many need it now; it stays in memory until there are none. */
  pins = 0;
  /** Others can find it: it has neither failed, nor has a newer one taken its place. */
  listed = true;
  #listeners: SlotListener[] = [];

  constructor({ index, lease, readAt, settled, bytes }: SlotDependencies) {
    this.index = index;
    this.lease = lease;
    this.readAt = readAt;
    this.settled = settled;
    this.bytes = bytes;
  }

  /**
   * Calls back when its load has ended, never before this call returns. Must not be called for a slot that has failed.
   */
  whenEnded(listener: SlotListener): void {
    if (this.loading) this.#listeners.push(listener);
    else queueMicrotask(() => listener(undefined));
  }

  end(chunk: Chunk | undefined): void {
    this.chunk = chunk;
    this.loading = false;
  }

  /** Calls the listeners: to be called after `end`. */
  notify(error: unknown): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener(error);
  }
}
