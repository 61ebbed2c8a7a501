import type { PacketViews } from "./packet-views.ts";

/** Called when a datagram has left, or could not; maybe before the call that sends it returns. */
export type SendCallback = (error: Error | null) => void;

/** What sends one datagram to the client: a socket that is connected to it, or the well-known port. */
export interface PacketSender {
  send(packet: Uint8Array, done?: SendCallback): void;
}

export interface WindowObserver {
  /** A datagram is lost. Not called from within a send: the receiver may be in the middle of it. */
  onLost(error: NodeJS.ErrnoException): void;
  /** All that was sent has left, or is lost. */
  onAllLeft(): void;
}

/** Sends windows of one transfer, datagram by datagram. */
export class WindowSender {
  readonly #views: PacketViews;
  readonly #observer: WindowObserver;
  /** Windows whose last datagram has not left yet. */
  #unsent = 0;
  readonly #afterLast: SendCallback = (error) => {
    this.#unsent--;
    if (this.#unsent === 0) this.#observer.onAllLeft();
    if (!error) return;
    this.#afterEach = this.#report;
    this.#report(error);
  };
  /** For each datagram but the last of a window; undefined until one was lost: without it a send costs less. */
  #afterEach: SendCallback | undefined;
  /** In the tick queue, not in a microtask: see `runMicrotasksByTick`. */
  readonly #report: SendCallback = (error) => {
    if (error) process.nextTick(() => this.#observer.onLost(error));
  };

  constructor(views: PacketViews, observer: WindowObserver) {
    this.#views = views;
    this.#observer = observer;
  }

  get hasAllLeft(): boolean {
    return this.#unsent === 0;
  }

  /** As `Channel.send`; takes all of it. */
  send(to: PacketSender, bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const views = this.#views;
    const end = offset + length;
    let at = offset;
    // Datagrams leave in order: the last one's callback comes when all have left.
    for (; at + segment < end; at += segment) to.send(views.packet(bytes, at, segment, segment), this.#afterEach);
    this.#unsent++;
    to.send(views.packet(bytes, at, end - at, segment), this.#afterLast);
    return length;
  }
}
