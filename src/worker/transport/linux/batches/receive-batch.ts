import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { IORING_OP_RECV, MSG_DONTWAIT } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import { Ring } from "./ring.ts";

/**
 * In bytes. An ACK is four of them; what is longer is cut, and means the same. An ERROR's text may be cut as well. With
 * `ports: "single"` a request may come here: the longest that is read fits, and one that is cut is refused for its length.
 */
export const RECEIVED_SIZE = 1_408;

/** Takes what has arrived at its socket. */
export interface Recipient {
  /** The first `length` bytes of `bytes`, valid only during the call; or a negative errno. */
  onReceived(bytes: Uint8Array, length: number, now: number): void;
}

/** What has arrived at many sockets, taken in one system call. */
export class ReceiveBatch {
  readonly #ring: Ring;
  /** The memory that each entry's datagram goes to. */
  readonly #places: readonly Uint8Array[];
  /** The address of the first one's. */
  readonly #base: number;
  /** The first `#count` of them are expecting; kept at its length, which costs less than to let it grow each time. */
  readonly #recipients: Recipient[] = [];
  #count = 0;
  #now = 0;

  /** @throws as `Ring` does. */
  constructor(libc: Libc, ledger: DescriptorLedger, capacity: number) {
    this.#ring = new Ring(libc, ledger, capacity, { opcode: IORING_OP_RECV, flags: 0, messageFlags: MSG_DONTWAIT });
    const memory = new ArrayBuffer(this.#ring.capacity * RECEIVED_SIZE);
    this.#places = Array.from(
      { length: this.#ring.capacity },
      (_, index) => new Uint8Array(memory, index * RECEIVED_SIZE, RECEIVED_SIZE),
    );
    this.#base = libc.addressOf(memory);
  }

  /** One datagram of this socket. */
  expect(descriptor: number, recipient: Recipient): void {
    const index = this.#count++;
    this.#recipients[index] = recipient;
    this.#ring.set(index, descriptor, this.#base + index * RECEIVED_SIZE, RECEIVED_SIZE);
  }

  /** Receives all that is expected. What the kernel had no memory for shows in epoll again. */
  take(now: number): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.#now = now;
    this.#ring.submit(count, this.#handOut);
  }

  close(): void {
    this.#ring.close();
  }

  readonly #handOut = (index: number, result: number): void => {
    const place = this.#places[index];
    if (place) this.#recipients[index]?.onReceived(place, result, this.#now);
  };
}
