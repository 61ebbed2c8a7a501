import { setTimeout as delay } from "node:timers/promises";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { onAbort } from "../../shared/abort.ts";
import type { ByteStream } from "../drivers/driver-export.ts";
import { FRAME, type Frame } from "../wire/messages.ts";
import { status } from "./call-status.ts";

/** Upstream's clients send as many at once. */
const MAX_PAYLOAD = 65_536;

/** Far more than grpc-js takes; only a client that ends its direction without GOAWAY waits for it. */
const CANCELLATION_DELAY_MS = 100;

/**
 * The byte stream in the frames of a RouterService.Stream call that a client has made to us.
 *
 * GOAWAY ends one direction; the other goes on. A call that ends before it is a broken stream.
 */
export class FrameStream implements ByteStream {
  readonly #call: ServerDuplexStream<Frame, Frame>;
  readonly #cancelled: AbortSignal;
  #over = false;

  /** @param cancelled Fires when the call is cancelled. */
  constructor(call: ServerDuplexStream<Frame, Frame>, cancelled: AbortSignal) {
    this.#call = call;
    this.#cancelled = cancelled;
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const frame = await this.#next();
      // Node reports the end of a call that was cancelled as it does a half-close, so that only GOAWAY means "all of it".
      if (frame === undefined) throw broken();
      if (frame.frameType === FRAME.goAway) return;
      if (frame.frameType === FRAME.reset) throw broken();
      if (frame.frameType === FRAME.data && frame.payload.length > 0) yield frame.payload;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_PAYLOAD) {
      if (this.#cancelled.aborted || this.#over) throw broken();
      const payload = bytes.subarray(at, at + MAX_PAYLOAD);
      if (!this.#call.write({ payload, frameType: FRAME.data })) await this.#event("drain");
    }
  }

  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.write({ payload: new Uint8Array(), frameType: FRAME.goAway });
    this.#call.end();
    // What still comes is not read.
    this.#call.resume();
  }

  fail(): void {
    if (this.#over) return;
    this.#over = true;
    this.#call.emit("error", status("UNKNOWN", "the stream was given up: the call that used it failed"));
    this.#call.resume();
  }

  /** Undefined if the client has sent the last one. */
  async #next(): Promise<Frame | undefined> {
    for (;;) {
      const frame = this.#call.read() as Frame | null;
      if (frame !== null) return frame;
      // A call that is reset ends its readable side, too, and is reported as cancelled some turns after that.
      if (this.#call.readableEnded) await this.#cancellation();
      if (this.#cancelled.aborted) throw broken();
      if (this.#call.readableEnded) return undefined;
      await this.#event("readable", "end");
    }
  }

  /** Resolves when the call is cancelled, or has not been for a while. */
  async #cancellation(): Promise<void> {
    await delay(CANCELLATION_DELAY_MS, undefined, { signal: this.#cancelled, ref: false }).catch(() => {});
  }

  /** Resolves with the first of them, or when the stream is broken. */
  #event(...names: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        for (const name of names) this.#call.off(name, settle);
        unlisten();
        resolve();
      };
      for (const name of names) this.#call.on(name, settle);
      const unlisten = onAbort(this.#cancelled, () => queueMicrotask(settle));
    });
  }
}

function broken(): Error {
  return new Error("the stream broke before its end");
}
