import type { DescriptorLedger } from "../../../contract/descriptors.ts";
import { EAGAIN, IORING_OP_SEND, IOSQE_CQE_SKIP_SUCCESS, MSG_DONTWAIT, MSG_NOSIGNAL } from "./abi.ts";
import type { Libc } from "./libc.ts";
import { Ring } from "./ring.ts";

/** Whoever has left a datagram in the outbox. */
export interface Poster {
  /** The datagram was not sent. */
  onUnsent(errno: number): void;
}

/** What many sockets have to send, handed over in one system call. */
export class Outbox {
  /** Datagrams are taken now, and will not wait for long. */
  isOpen = false;
  /** Changes with each flush: what was left in an earlier round has been sent. */
  round = 0;
  readonly #ring: Ring;
  /** The first `#count` of them have posted; kept at its length, which costs less than to let it grow each time. */
  readonly #posters: Poster[] = [];
  #count = 0;

  /** @throws as `Ring` does. */
  constructor(libc: Libc, ledger: DescriptorLedger, capacity: number) {
    // Only failures are of interest.
    this.#ring = new Ring(libc, ledger, capacity, {
      opcode: IORING_OP_SEND,
      flags: IOSQE_CQE_SKIP_SUCCESS,
      messageFlags: MSG_DONTWAIT | MSG_NOSIGNAL,
    });
  }

  /** Takes a datagram, which must not change until the round is over. Who posts twice must flush in between. */
  post(poster: Poster, descriptor: number, address: number, length: number): void {
    if (this.#count === this.#ring.capacity) this.flush();
    this.#posters[this.#count] = poster;
    this.#ring.set(this.#count++, descriptor, address, length);
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.round++;
    const unsent: { readonly poster: Poster | undefined; readonly errno: number }[] = [];
    const note = (index: number, errno: number): void => void unsent.push({ poster: this.#posters[index], errno });
    const taken = this.#ring.submit(count, (index, result) => note(index, -result));
    for (let index = taken; index < count; index++) note(index, EAGAIN);
    // Not before all results are known: who hears of a failure may post again.
    for (const { poster, errno } of unsent) poster?.onUnsent(errno);
  }

  close(): void {
    this.#ring.close();
  }
}
