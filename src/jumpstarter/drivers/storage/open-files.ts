import { randomUUID } from "node:crypto";
import { onAbort } from "../../../shared/abort.ts";
import { showValue } from "../../../contract/text/show-value.ts";
import { CallFailure, type ClientConnection } from "../driver-export.ts";
import type { OpenRead } from "./open-read.ts";
import { OpenWrite } from "./open-write.ts";

/** At once, in one session. */
const MAX_OPEN = 256;

type OpenFile = OpenRead | OpenWrite;

interface Entry {
  readonly file: OpenFile;
  readonly forget: () => void;
}

/**
 * The files that clients have open, by descriptors that cannot be guessed. A file ends with the connection of the
 * client that opened it: one that was killed leaves nothing behind.
 */
export class OpenFiles {
  readonly #files = new Map<string, Entry>();
  /** Descriptors that were closed, for `file_closed`; the oldest are forgotten. */
  readonly #closed = new Set<string>();
  /** Files that are being given up. */
  readonly #ending = new Set<Promise<void>>();

  /** @throws {CallFailure} RESOURCE_EXHAUSTED */
  add(file: OpenFile, connection: ClientConnection): string {
    if (this.#files.size >= MAX_OPEN) {
      throw new CallFailure("RESOURCE_EXHAUSTED", `open: expected at most ${MAX_OPEN} open files`);
    }
    const fd = randomUUID();
    const forget = onAbort(connection.closed, () => void this.abort(fd, new Error("the client has gone")));
    if (!connection.closed.aborted) this.#files.set(fd, { file, forget });
    return fd;
  }

  /** @throws {CallFailure} UNKNOWN if there is no such file. */
  get(fd: string): OpenFile {
    const entry = this.#files.get(fd);
    if (entry) return entry.file;
    throw new CallFailure("UNKNOWN", `expected an open file, got ${showValue(fd)}`);
  }

  isClosed(fd: string): boolean {
    if (this.#closed.has(fd)) return true;
    this.get(fd);
    return false;
  }

  /**
   * Completes what was written. Twice is fine.
   * @throws {Error} what the write failed with.
   */
  async close(fd: string): Promise<void> {
    if (this.#closed.has(fd)) return;
    const file = this.get(fd);
    this.#remove(fd);
    if (file instanceof OpenWrite) await file.commit();
  }

  /** Gives up what was written. */
  async abort(fd: string, reason: Error): Promise<void> {
    const entry = this.#files.get(fd);
    if (!entry) return;
    this.#remove(fd);
    if (!(entry.file instanceof OpenWrite)) return;
    const ending = entry.file.abort(reason);
    this.#ending.add(ending);
    await ending;
    this.#ending.delete(ending);
  }

  async abortAll(): Promise<void> {
    const reason = new Error("the session has ended");
    for (const fd of this.#files.keys()) void this.abort(fd, reason);
    await Promise.all(this.#ending);
  }

  #remove(fd: string): void {
    this.#files.get(fd)?.forget();
    this.#files.delete(fd);
    this.#closed.add(fd);
    if (this.#closed.size > MAX_OPEN) this.#closed.delete(this.#closed.values().next().value as string);
  }
}
