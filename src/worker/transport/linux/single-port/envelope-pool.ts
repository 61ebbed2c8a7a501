import { AddressedEnvelope } from "./envelope.ts";
import type { Libc } from "../system/libc.ts";

/** The envelopes that are kept for later transfers, at most. */
const MAX_IDLE = 128;

/** If many small files are fetched, memory of an envelope's own would be allocated, and collected, for each of them. */
export class EnvelopePool {
  readonly #libc: Pick<Libc, "addressOf">;
  readonly #idle: AddressedEnvelope[] = [];

  constructor(libc: Pick<Libc, "addressOf">) {
    this.#libc = libc;
  }

  take(): AddressedEnvelope {
    return this.#idle.pop() ?? new AddressedEnvelope(this.#libc);
  }

  /** Nothing that is enqueued may refer to it any more. */
  give(envelope: AddressedEnvelope): void {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(envelope);
  }
}
