import { EAGAIN } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import { HEADER } from "../system/message.ts";

/** A datagram to send, or several that the kernel cuts, with its sender. */
export interface Envelope {
  /** A struct mmsghdr; what it points to must not change until it is flushed. */
  readonly header: Uint8Array;
  /** It was not sent. */
  onUnsent(errno: number): void;
}

/** What many transfers send through one socket, handed over in one system call. */
export class OutgoingBatch {
  /** Envelopes are taken now, and will not wait for long. */
  isOpen = false;
  /** Changes with each flush: what was left in an earlier round has been sent. */
  round = 0;
  readonly #libc: Pick<Libc, "sendMessages" | "addressOf">;
  readonly #descriptor: number;
  readonly #headers: Uint8Array;
  /** Their address in memory. */
  readonly #base: number;
  readonly #envelopes: Envelope[] = [];
  readonly #capacity: number;
  #count = 0;

  constructor(libc: Pick<Libc, "sendMessages" | "addressOf">, descriptor: number, capacity: number) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#capacity = capacity;
    this.#headers = new Uint8Array(new ArrayBuffer(capacity * HEADER));
    this.#base = libc.addressOf(this.#headers.buffer);
  }

  /** A sender that enqueues twice must flush in between. */
  enqueue(envelope: Envelope): void {
    if (this.#count === this.#capacity) this.flush();
    this.#headers.set(envelope.header, this.#count * HEADER);
    this.#envelopes[this.#count++] = envelope;
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.round++;
    const unsent: { readonly envelope: Envelope | undefined; readonly errno: number }[] = [];
    for (let at = 0; at < count;) {
      const taken = this.#libc.sendMessages(this.#descriptor, this.#base + at * HEADER, count - at);
      if (taken > 0) at += taken;
      else if (taken === -EAGAIN)
        for (; at < count; at++) unsent.push({ envelope: this.#envelopes[at], errno: EAGAIN });
      // The errno is that of the first; what stands behind it was not tried.
      else unsent.push({ envelope: this.#envelopes[at++], errno: -taken });
    }
    // Not before all results are known: a sender whose datagram has failed may enqueue again.
    for (const { envelope, errno } of unsent) envelope?.onUnsent(errno);
  }
}
