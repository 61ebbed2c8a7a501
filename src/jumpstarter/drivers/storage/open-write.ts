import type { Storage } from "../../../main/storage/storage.ts";
import { HandOff } from "./hand-off.ts";

/**
 * A file that a client has opened with "wb": one write of storage, which the client's uploads feed. It gets its name
 * when it is closed; until then, and if it is given up, the file is as it was before.
 */
export class OpenWrite {
  readonly path: string;
  readonly #storage: Storage;
  readonly #pieces = new HandOff();
  readonly #cancel = new AbortController();
  #writing: Promise<unknown> | undefined;
  /** Uploads to one file run one after the other, in the order of their calls. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(storage: Storage, path: string) {
    this.#storage = storage;
    this.path = path;
  }

  /**
   * Appends all of them. If they or the write fail, the file is given up.
   * @returns How many bytes they were.
   */
  async append(pieces: AsyncIterable<Uint8Array>): Promise<number> {
    const appended = this.#last.then(() => this.#append(pieces));
    this.#last = appended.catch(() => {});
    return await appended;
  }

  /** Resolves once the file is complete under its name. */
  async commit(): Promise<void> {
    await this.#last;
    const writing = this.#begin();
    this.#pieces.end();
    await writing;
  }

  /** Gives the file up. Resolves once nothing is left of it. Never rejects. */
  async abort(reason: Error): Promise<void> {
    this.#pieces.fail(reason);
    this.#cancel.abort(reason);
    await this.#writing?.catch(() => {});
  }

  async #append(pieces: AsyncIterable<Uint8Array>): Promise<number> {
    const writing = this.#begin();
    let bytes = 0;
    try {
      for await (const piece of pieces) {
        await this.#pieces.put(piece);
        bytes += piece.length;
      }
      return bytes;
    } catch (error) {
      await this.abort(error as Error);
      // What storage says comes first: that the pieces were not taken is only the consequence.
      if (this.#failed !== undefined) throw this.#failed;
      await writing.catch(() => {});
      throw error;
    }
  }

  #failed: unknown;

  #begin(): Promise<unknown> {
    if (this.#writing) return this.#writing;
    const { signal } = this.#cancel;
    // What is uploaded lives as long as a lease: it need not survive a power failure.
    this.#writing = this.#storage.write(this.path, this.#pieces, { signal, sync: false }).catch((error: unknown) => {
      if (!signal.aborted) this.#failed ??= error;
      this.#pieces.fail(error as Error);
      throw error;
    });
    // Whether an upload waits for it or not.
    this.#writing.catch(() => {});
    return this.#writing;
  }
}
