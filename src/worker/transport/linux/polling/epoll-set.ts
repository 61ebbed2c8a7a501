import type { DescriptorLedger } from "../system/descriptor-ledger.ts";
import { EPOLL_ADD, EPOLL_MODIFY, EPOLLIN, EPOLLOUT } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";

/** struct epoll_event is packed on x86-64 only. */
const EVENT_SIZE = process.arch === "x64" ? 12 : 16;
const EVENT_DATA = process.arch === "x64" ? 4 : 8;

/** Reports which of many sockets have something to receive, or room to send again (epoll(7), level-triggered). */
export class EpollSet {
  readonly descriptor: number;
  readonly #libc: Libc;
  readonly #ledger: DescriptorLedger;
  readonly #capacity: number;
  readonly #events: Uint8Array;
  readonly #view: DataView;
  readonly #event = new Uint8Array(EVENT_SIZE);
  readonly #eventView = new DataView(this.#event.buffer);

  /** `capacity`: the sockets that one `wait` reports, at most. @throws a system error, and nothing is open then. */
  constructor(libc: Libc, ledger: DescriptorLedger, capacity: number) {
    this.#libc = libc;
    this.#ledger = ledger;
    this.#capacity = capacity;
    this.#events = new Uint8Array(capacity * EVENT_SIZE);
    this.#view = new DataView(this.#events.buffer);
    this.descriptor = ledger.take(libc, () => libc.epollCreate());
  }

  /** A socket that is closed leaves by itself. */
  add(descriptor: number): void {
    this.#control(EPOLL_ADD, descriptor, EPOLLIN);
  }

  /** Whether to report room to send, too. */
  setWriting(descriptor: number, writing: boolean): void {
    this.#control(EPOLL_MODIFY, descriptor, writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  /** Waits for `timeoutMs` at most, and returns how many sockets have an event. */
  wait(timeoutMs: number): number {
    return this.#libc.epollWait(this.descriptor, this.#events, this.#capacity, timeoutMs);
  }

  /** The socket of event `index` of the last `wait`. */
  descriptorOf(index: number): number {
    return this.#view.getInt32(index * EVENT_SIZE + EVENT_DATA, true);
  }

  isWritable(index: number): boolean {
    return (this.#flags(index) & EPOLLOUT) !== 0;
  }

  /** Errors are received like datagrams. */
  isReadable(index: number): boolean {
    return (this.#flags(index) & ~EPOLLOUT) !== 0;
  }

  close(): void {
    this.#ledger.close(this.descriptor);
  }

  #flags(index: number): number {
    return this.#view.getUint32(index * EVENT_SIZE, true);
  }

  #control(operation: number, descriptor: number, flags: number): void {
    this.#eventView.setUint32(0, flags, true);
    this.#eventView.setInt32(EVENT_DATA, descriptor, true);
    this.#libc.epollControl(this.descriptor, operation, descriptor, this.#event);
  }
}
