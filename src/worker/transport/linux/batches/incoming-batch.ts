import type { Libc } from "../system/libc.ts";
import { HEADER, Message } from "../system/message.ts";

/** Datagrams of one socket, with both their ends, received many in one system call. */
export class IncomingBatch {
  readonly messages: readonly Message[];
  readonly #libc: Pick<Libc, "receiveMessages">;
  /** The headers' address in memory. */
  readonly #headers: number;
  /** So many of the first messages are ready to receive. */
  #prepared = 0;

  constructor(libc: Libc, capacity: number) {
    this.#libc = libc;
    const headers = new ArrayBuffer(capacity * HEADER);
    this.#headers = libc.addressOf(headers);
    this.messages = Array.from(
      { length: capacity },
      (_, index) => new Message(libc, new Uint8Array(headers, index * HEADER, HEADER)),
    );
  }

  /** At most `most` datagrams, which are the first `messages` then; returns how many, or the negative errno. */
  receive(descriptor: number, most: number, wait: boolean): number {
    for (let index = this.#prepared; index < most; index++) this.messages[index]?.prepareReceive();
    this.#prepared = Math.max(this.#prepared, most);
    const count = this.#libc.receiveMessages(descriptor, this.#headers, most, wait);
    // The kernel has written over what is prepared.
    if (count > 0) this.#prepared = 0;
    return count;
  }
}
