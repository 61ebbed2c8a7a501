import type { Readable } from "node:stream";
import { TftpError } from "../../contract/errors.ts";
import { aborted, onAbort } from "../../shared/abort.ts";

/** What is under way in storage: all of it ends before storage does. */
export class Operations {
  readonly #running = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #streams = new Set<Readable>();

  /**
   * Runs an operation, and hands it a signal that fires by its user's will, or at the end.
   * @throws {TftpError} CLOSED; ABORTED if the user's signal has fired before.
   */
  async run<Value>(
    what: string,
    user: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    this.#closing.signal.throwIfAborted();
    const controller = new AbortController();
    const unlisten = [
      onAbort(user, () => controller.abort(aborted(what, user))),
      onAbort(this.#closing.signal, () => controller.abort(this.#closing.signal.reason)),
    ];
    const running = (async () => {
      controller.signal.throwIfAborted();
      return await work(controller.signal);
    })();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
      for (const stop of unlisten) stop();
    }
  }

  /** A stream that was handed out: it ends with the rest. */
  lend(stream: Readable): Readable {
    this.#streams.add(stream);
    return stream.once("close", () => this.#streams.delete(stream));
  }

  /** Aborts what is under way, and waits until it has cleaned up behind itself. */
  async end(): Promise<void> {
    const closed = new TftpError("CLOSED", "storage: this driver was closed");
    this.#closing.abort(closed);
    for (const stream of this.#streams) stream.destroy(closed);
    await Promise.allSettled(this.#running);
  }
}
