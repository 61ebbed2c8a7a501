import type { Channel, ChannelReceiver } from "../transport.ts";
import type { PacketViews } from "./packet-views.ts";

/**
 * Sends one datagram from the well-known port. `isHeard`: the client has sent something since its request. `done`, if
 * given, is called when it has left, or could not; maybe before the call returns.
 */
export type SharedSend = (packet: Uint8Array, isHeard: boolean, done?: (error: Error | null) => void) => void;

export interface SharedChannelObserver {
  onAttached(): void;
  /** Nothing is to arrive any more. */
  onClosing(): void;
  /** All that was sent has left. */
  onClosed(): void;
}

export interface SharedChannelDependencies {
  readonly views: PacketViews;
  readonly send: SharedSend;
  readonly mtu: () => Promise<number>;
}

/** One transfer through the well-known port. */
export class DgramSharedChannel implements Channel {
  readonly #dependencies: SharedChannelDependencies;
  readonly #observer: SharedChannelObserver;
  #receiver: ChannelReceiver | undefined;
  /** The client has sent something since its request. */
  #isHeard = false;
  #unsent = 0;
  #closing = false;
  #closed = false;
  readonly #afterSend = (error: Error | null): void => {
    this.#unsent--;
    if (this.#closing) this.#closeWhenSent();
    if (!error) return;
    this.#afterEach = this.#report;
    this.#report(error);
  };
  /** For each datagram but the last of a window; undefined until one was lost: without it a send costs less. */
  #afterEach: ((error: Error | null) => void) | undefined;
  /** Not at once: the receiver may be in the middle of a send. */
  readonly #report = (error: Error | null): void => {
    if (error) queueMicrotask(() => this.#receiver?.onError(error));
  };

  constructor(dependencies: SharedChannelDependencies, observer: SharedChannelObserver) {
    this.#dependencies = dependencies;
    this.#observer = observer;
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#observer.onAttached();
  }

  receive(bytes: Uint8Array): void {
    this.#isHeard = true;
    this.#receiver?.onDatagram(bytes, bytes.length, performance.now());
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const { views, send } = this.#dependencies;
    const end = offset + length;
    let at = offset;
    // Datagrams leave in order: the last one's callback comes when all have left.
    for (; at + segment < end; at += segment) {
      send(views.packet(bytes, at, segment, segment), this.#isHeard, this.#afterEach);
    }
    this.#unsent++;
    send(views.packet(bytes, at, end - at, segment), this.#isHeard, this.#afterSend);
    return length;
  }

  mtu(): Promise<number> {
    return this.#dependencies.mtu();
  }

  /** The socket is all transfers'. */
  onSilence(): void {}

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#observer.onClosing();
    this.#closeWhenSent();
  }

  /** A parting ERROR may still be on its way through libuv. */
  #closeWhenSent(): void {
    if (this.#unsent > 0 || this.#closed) return;
    this.#closed = true;
    this.#observer.onClosed();
  }
}
