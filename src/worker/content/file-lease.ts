import type { ContentFile } from "./content.ts";
import type { Slot } from "./slot.ts";

/** A reader's file. It outlives the reader while something is read from it: others may wait for that. */
export class FileLease {
  readonly file: ContentFile;
  released = false;
  /** Resolves when the file is closed; rejects where it could not be. */
  readonly closed: Promise<void>;
  readonly #loading = new Set<Slot>();
  #close!: () => void;

  constructor(file: ContentFile) {
    this.file = file;
    this.closed = new Promise((resolve) => {
      this.#close = () => resolve(file.close());
    });
  }

  /** What is being read from it. */
  get loading(): Iterable<Slot> {
    return this.#loading;
  }

  readBegins(slot: Slot): void {
    this.#loading.add(slot);
  }

  readEnded(slot: Slot): void {
    this.#loading.delete(slot);
    this.#closeIfDue();
  }

  /** The reader is gone. */
  release(): void {
    this.released = true;
    this.#closeIfDue();
  }

  #closeIfDue(): void {
    if (this.released && this.#loading.size === 0) this.#close();
  }
}
