import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { EAGAIN, IORING_OP_SEND, IOSQE_CQE_SKIP_SUCCESS, MSG_DONTWAIT, MSG_NOSIGNAL } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import { Ring } from "./ring.ts";

/** The sender of a datagram in the batch. */
export interface BatchSender {
  /** The datagram was not sent. */
  onUnsent(errno: number): void;
}

/** What many sockets have to send, handed over in one system call. */
export class SendBatch {
  /** Datagrams are taken now, and will not wait for long. */
  isOpen = false;
  /** Changes with each flush: what was left in an earlier round has been sent. */
  round = 0;
  readonly #ring: Ring;
  /** The first `#count` of them have enqueued; kept at its length, which costs less than to let it grow each time. */
  readonly #senders: BatchSender[] = [];
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

  /** Takes a datagram, which must not change until the flush. A sender that enqueues twice must flush in between. */
  enqueue(sender: BatchSender, descriptor: number, address: number, length: number): void {
    if (this.#count === this.#ring.capacity) this.flush();
    this.#senders[this.#count] = sender;
    this.#ring.set(this.#count++, descriptor, address, length);
  }

  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    this.round++;
    const unsent: { readonly sender: BatchSender | undefined; readonly errno: number }[] = [];
    const note = (index: number, errno: number): void => void unsent.push({ sender: this.#senders[index], errno });
    const taken = this.#ring.submit(count, (index, result) => note(index, -result));
    for (let index = taken; index < count; index++) note(index, EAGAIN);
    // Not before all results are known: a sender whose datagram has failed may enqueue again.
    for (const { sender, errno } of unsent) sender?.onUnsent(errno);
  }

  close(): void {
    this.#ring.close();
  }
}
