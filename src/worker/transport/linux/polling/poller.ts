import { Clock } from "../system/clock.ts";
import { EventLoopWakeup } from "./event-loop-wakeup.ts";
import type { EpollSet } from "./epoll-set.ts";
import type { ReceiveBatch, Recipient } from "../batches/receive-batch.ts";
import type { Libc } from "../system/libc.ts";
import type { BatchIo } from "../batches/batch-io.ts";
import type { SendBatch } from "../batches/send-batch.ts";

/** One socket, as the poller sees it. */
export interface PolledSocket {
  /** Something has arrived, as it showed at `now`. */
  onReadable(now: number): void;
  onWritable(): void;
  /** A socket that has this leaves it to the poller to receive, if the poller can do so for many at once. */
  onReceived?: Recipient["onReceived"];
}

/** A transfer's socket. */
export interface Busy {
  /**
   * Receives without an event, and waits for POLL_TIMEOUT_MS; false: nothing came. Reads `clock`. The kernel counts this
   * wait in whole ticks of its clock, and begins with the next one: in vain it takes one to two ticks (4 to 8 ms if HZ is
   * 250). Nothing else is received then: a request that comes while a sole transfer's client is silent waits for so
   * long, once, as the poller goes back to sleep in the event loop after it.
   */
  receiveWaiting(clock: Clock): boolean;
}

export interface PollerDependencies {
  readonly libc: Libc;
  readonly epoll: EpollSet;
  /** Undefined: each datagram takes a system call. */
  readonly batchIo: BatchIo | undefined;
  /** Whether an async operation is in flight in this thread: its callback would be late if the poller blocked. */
  readonly mustNotSleep: () => boolean;
}

/** While datagrams flow, the poller gives the event loop its turn this often, in ms. */
const TURN_BUDGET_MS = 2;
/**
 * How long it sleeps in epoll for the next datagram, in ms, before it goes back to sleep in the event loop. epoll keeps to
 * it; what a receive makes of it is said at `receiveWaiting`.
 */
export const POLL_TIMEOUT_MS = 1;

/**
 * Receives for all sockets from one epoll set, which the event loop watches: with nothing to do it costs nothing. As
 * long as datagrams flow the poller asks epoll itself, which saves the event loop's own work for each of them.
 */
export class Poller {
  readonly #dependencies: PollerDependencies;
  readonly #wakeup: EventLoopWakeup;
  /** By descriptor. */
  readonly #sockets: (PolledSocket | undefined)[] = [];
  /** Those that serve a transfer now. */
  readonly #busy = new Set<Busy>();
  /** The only one of them. */
  #sole: Busy | undefined;
  #next: NodeJS.Immediate | undefined;
  readonly #clock = new Clock();

  constructor(dependencies: PollerDependencies) {
    this.#dependencies = dependencies;
    this.#wakeup = new EventLoopWakeup(dependencies.libc, dependencies.epoll.descriptor, () => this.#turn());
  }

  get sendBatch(): SendBatch | undefined {
    return this.#dependencies.batchIo?.sendBatch;
  }

  add(descriptor: number, socket: PolledSocket): void {
    this.#sockets[descriptor] = socket;
    this.#dependencies.epoll.add(descriptor);
  }

  /** It serves a transfer from now on. */
  setBusy(socket: Busy): void {
    this.#busy.add(socket);
    this.#findSole();
  }

  setIdle(socket: Busy): void {
    if (this.#busy.delete(socket)) this.#findSole();
  }

  /** Whether to call `onWritable` too, as soon as the socket takes more. */
  setWriting(descriptor: number, writing: boolean): void {
    this.#dependencies.epoll.setWriting(descriptor, writing);
  }

  /** To be called before the descriptor is closed. */
  delete(descriptor: number): void {
    this.#sockets[descriptor] = undefined;
  }

  close(): void {
    clearImmediate(this.#next);
    this.#wakeup.close();
  }

  #turn(): void {
    this.#next = undefined;
    const end = this.#clock.read() + TURN_BUDGET_MS;
    // Every turn asks for all sockets once, so that a busy transfer cannot hide the others, or the well-known port.
    let flowing = this.#poll();
    while (flowing && this.#clock.now < end) flowing = this.#receiveSole() ?? this.#poll();
    if (flowing) this.#next ??= setImmediate(() => this.#turn());
  }

  /** Takes what is there, or comes within POLL_TIMEOUT_MS; false: nothing was, nor did. */
  #poll(): boolean {
    const { epoll, batchIo, mustNotSleep } = this.#dependencies;
    const count = epoll.wait(mustNotSleep() ? 0 : POLL_TIMEOUT_MS);
    const now = this.#clock.read();
    if (batchIo && count > 1) this.#exchange(batchIo, count, now);
    else this.#dispatch(count, now);
    return count > 0;
  }

  /** The same for a transfer that runs alone, with one system call for each ACK instead of two. */
  #receiveSole(): boolean | undefined {
    return this.#dependencies.mustNotSleep() ? undefined : this.#sole?.receiveWaiting(this.#clock);
  }

  /** What many sockets have received is taken at once, and what they send for it goes out at once. */
  #exchange({ receiveBatch, sendBatch }: BatchIo, count: number, now: number): void {
    sendBatch.isOpen = true;
    this.#dispatch(count, now, receiveBatch);
    receiveBatch.take(now);
    sendBatch.isOpen = false;
    sendBatch.flush();
  }

  #dispatch(count: number, now: number, receiveBatch?: ReceiveBatch): void {
    const { epoll } = this.#dependencies;
    for (let event = 0; event < count; event++) {
      const descriptor = epoll.descriptorOf(event);
      // An earlier event of this round may have closed it.
      const socket = this.#sockets[descriptor];
      if (!socket) continue;
      if (epoll.isWritable(event)) socket.onWritable();
      if (!epoll.isReadable(event)) continue;
      if (receiveBatch && isRecipient(socket)) receiveBatch.expect(descriptor, socket);
      else socket.onReadable(now);
    }
  }

  #findSole(): void {
    this.#sole = this.#busy.size === 1 ? this.#busy.values().next().value : undefined;
  }
}

function isRecipient(socket: PolledSocket): socket is PolledSocket & Recipient {
  return socket.onReceived !== undefined;
}
