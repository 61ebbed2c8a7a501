import { closeSync, openSync } from "node:fs";
import type { Libc } from "./libc.ts";

/**
 * The descriptors that this thread has opened by system calls of its own. Each is put (dup3(2)) in the place of a file
 * that Node has opened: Node closes those when a thread ends, in whatever way, also if the thread that embeds it is
 * terminated with it. Without that the well-known port would stay bound for the life of the process.
 */
export class DescriptorLedger {
  readonly #open = new Set<number>();

  /** Those that are open. */
  get open(): readonly number[] {
    return [...this.#open];
  }

  /**
   * @param create Returns a new descriptor; the one that is returned stands for the same.
   * @throws {Error} A system error; nothing is open then.
   */
  take(libc: Pick<Libc, "duplicate" | "close">, create: () => number): number {
    const owned = openSync("/dev/null", "r");
    try {
      const descriptor = create();
      try {
        libc.duplicate(descriptor, owned);
      } finally {
        libc.close(descriptor);
      }
    } catch (error) {
      closeSync(owned);
      throw error;
    }
    this.#open.add(owned);
    return owned;
  }

  /** Closes one that `take` has returned. */
  close(descriptor: number): void {
    this.#open.delete(descriptor);
    closeSync(descriptor);
  }
}
