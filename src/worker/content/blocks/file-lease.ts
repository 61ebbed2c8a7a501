import type { ContentFile } from "../content.ts";
import type { Slot, SlotLease } from "./slot.ts";

/** Called once a reader's file is closed, or with the error if it could not be. */
export type LeaseListener = (error?: unknown) => void;

/** A reader's file. It outlives the reader while something is read from it: others may wait for that. */
export class FileLease implements SlotLease {
  readonly file: ContentFile;
  released = false;
  /** What is being read from it. */
  readonly loading: Slot[] = [];
  readonly #closed: LeaseListener;

  constructor(file: ContentFile, closed: LeaseListener) {
    this.file = file;
    this.#closed = closed;
  }

  readBegins(slot: Slot): void {
    this.loading.push(slot);
  }

  readEnded(slot: Slot): void {
    this.loading.splice(this.loading.indexOf(slot), 1);
    this.#closeIfDue();
  }

  /** The reader is gone. */
  release(): void {
    this.released = true;
    this.#closeIfDue();
  }

  #closeIfDue(): void {
    if (!this.released || this.loading.length > 0) return;
    this.file.close().then(
      () => this.#closed(),
      (error: unknown) => this.#closed(error),
    );
  }
}
