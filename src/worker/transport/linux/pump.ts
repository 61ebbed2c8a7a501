import type { DescriptorLedger } from "../../../contract/descriptors.ts";
import { Clock } from "./clock.ts";
import { Doorbell } from "./doorbell.ts";
import { EPOLLIN, EPOLLOUT, EPOLL_ADD, EPOLL_MODIFY } from "./abi.ts";
import type { Inbox, Recipient } from "./inbox.ts";
import type { Libc } from "./libc.ts";
import { closeMail, type Mail } from "./mail.ts";
import type { Outbox } from "./outbox.ts";

/** One socket, as the pump sees it. */
export interface Pumped {
  /** Something has arrived, as it showed at `now`. */
  onReadable(now: number): void;
  onWritable(): void;
  /** Who has this leaves it to the pump to receive, where it can do so for many at once. */
  onReceived?: Recipient["onReceived"];
}

/** A transfer's socket. */
export interface Busy {
  /** Receives without having been told to, and sleeps for NAP at most; false: nothing came. Takes the time from `clock`. */
  receiveWaiting(clock: Clock): boolean;
}

/** While datagrams flow, the pump gives the event loop its turn this often, in ms. */
const TURN = 2;
/** So long it sleeps in epoll for the next datagram, in ms, before it goes back to sleep in the event loop. */
export const NAP = 1;
export const CAPACITY = 256;
/** struct epoll_event is packed on x86-64 only. */
const EVENT_SIZE = process.arch === "x64" ? 12 : 16;
const EVENT_DATA = process.arch === "x64" ? 4 : 8;

/**
 * Receives for all sockets from one epoll set, which the event loop watches: with nothing to do it costs nothing. As
 * long as datagrams flow the pump asks epoll itself, which saves the event loop's own work for each of them.
 */
export class Pump {
  readonly #libc: Libc;
  readonly #ledger: DescriptorLedger;
  readonly #mail: Mail | undefined;
  readonly #epoll: number;
  readonly #doorbell: Doorbell;
  /** By descriptor. */
  readonly #sockets: (Pumped | undefined)[] = [];
  readonly #events = new Uint8Array(CAPACITY * EVENT_SIZE);
  readonly #view = new DataView(this.#events.buffer);
  readonly #event = new Uint8Array(EVENT_SIZE);
  readonly #eventView = new DataView(this.#event.buffer);
  /** Something else in this thread waits for the event loop: then the pump must not sleep. */
  readonly #mustNotSleep: () => boolean;
  /** Those that serve a transfer now. */
  readonly #busy = new Set<Busy>();
  /** The only one of them. */
  #sole: Busy | undefined;
  #next: NodeJS.Immediate | undefined;
  readonly #clock = new Clock();

  /** Without `mail` each datagram takes a system call. */
  constructor(libc: Libc, ledger: DescriptorLedger, mail: Mail | undefined, mustNotSleep: () => boolean) {
    this.#libc = libc;
    this.#mail = mail;
    this.#ledger = ledger;
    this.#mustNotSleep = mustNotSleep;
    this.#epoll = libc.epollCreate();
    ledger.add(this.#epoll);
    this.#doorbell = new Doorbell(libc, this.#epoll, () => this.#turn());
  }

  get outbox(): Outbox | undefined {
    return this.#mail?.outbox;
  }

  add(descriptor: number, socket: Pumped): void {
    this.#sockets[descriptor] = socket;
    this.#control(EPOLL_ADD, descriptor, EPOLLIN);
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
    this.#control(EPOLL_MODIFY, descriptor, writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  /** To be called before the descriptor is closed, which takes it out of the epoll set too. */
  delete(descriptor: number): void {
    this.#sockets[descriptor] = undefined;
  }

  close(): void {
    clearImmediate(this.#next);
    this.#doorbell.close();
    this.#ledger.delete(this.#epoll);
    this.#libc.close(this.#epoll);
    if (this.#mail) closeMail(this.#mail);
  }

  #turn(): void {
    this.#next = undefined;
    const end = this.#clock.read() + TURN;
    // Every turn asks for all sockets once, so that a busy transfer cannot hide the others, or the well-known port.
    let flowing = this.#poll();
    while (flowing && this.#clock.now < end) flowing = this.#receiveSole() ?? this.#poll();
    if (flowing) this.#next ??= setImmediate(() => this.#turn());
  }

  /** Takes what is there, or comes within NAP; false: nothing was, nor did. */
  #poll(): boolean {
    const nap = this.#mustNotSleep() ? 0 : NAP;
    const count = this.#libc.epollWait(this.#epoll, this.#events, CAPACITY, nap);
    const now = this.#clock.read();
    if (this.#mail && count > 1) this.#exchange(this.#mail, count, now);
    else this.#dispatch(count, now);
    return count > 0;
  }

  /** The same for a transfer that runs alone, with one system call for each ACK instead of two. */
  #receiveSole(): boolean | undefined {
    return this.#mustNotSleep() ? undefined : this.#sole?.receiveWaiting(this.#clock);
  }

  /** What many sockets have received is taken at once, and what they send for it goes out at once. */
  #exchange({ inbox, outbox }: Mail, count: number, now: number): void {
    outbox.isOpen = true;
    this.#dispatch(count, now, inbox);
    inbox.take(now);
    outbox.isOpen = false;
    outbox.flush();
  }

  #dispatch(count: number, now: number, inbox?: Inbox): void {
    for (let event = 0; event < count; event++) {
      const flags = this.#view.getUint32(event * EVENT_SIZE, true);
      const descriptor = this.#view.getInt32(event * EVENT_SIZE + EVENT_DATA, true);
      // An earlier event of this round may have closed it.
      const socket = this.#sockets[descriptor];
      if (!socket) continue;
      if (flags & EPOLLOUT) socket.onWritable();
      // Errors are received like datagrams.
      if (!(flags & ~EPOLLOUT)) continue;
      if (inbox && isRecipient(socket)) inbox.expect(descriptor, socket);
      else socket.onReadable(now);
    }
  }

  #findSole(): void {
    this.#sole = this.#busy.size === 1 ? this.#busy.values().next().value : undefined;
  }

  #control(operation: number, descriptor: number, flags: number): void {
    this.#eventView.setUint32(0, flags, true);
    this.#eventView.setInt32(EVENT_DATA, descriptor, true);
    this.#libc.epollControl(this.#epoll, operation, descriptor, this.#event);
  }
}

function isRecipient(socket: Pumped): socket is Pumped & Recipient {
  return socket.onReceived !== undefined;
}
