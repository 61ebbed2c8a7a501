import type { Socket } from "node:dgram";
import { CONNECT_AFTER } from "../connected-limits.ts";
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
  /** A socket of its own on the same port; undefined: there is none to have. */
  readonly connect: () => Socket | undefined;
}

/** One transfer through the well-known port. */
export class DgramSharedChannel implements Channel {
  readonly #dependencies: SharedChannelDependencies;
  readonly #observer: SharedChannelObserver;
  #receiver: ChannelReceiver | undefined;
  /** It has the well-known port too, and what the client sends arrives there. */
  #socket: Socket | undefined;
  #mayConnect = true;
  #sentCount = 0;
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

  /** An ICMP error, if it has a socket of its own. */
  onError(error: NodeJS.ErrnoException): void {
    this.#receiver?.onError(error);
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const { views } = this.#dependencies;
    if (this.#mayConnect) this.#connectIfWorthwhile();
    const end = offset + length;
    let at = offset;
    // Datagrams leave in order: the last one's callback comes when all have left.
    for (; at + segment < end; at += segment) {
      this.#send(views.packet(bytes, at, segment, segment), this.#afterEach);
    }
    this.#unsent++;
    this.#send(views.packet(bytes, at, end - at, segment), this.#afterSend);
    return length;
  }

  mtu(): Promise<number> {
    return this.#dependencies.mtu();
  }

  /** Node offers nothing that would help, and the socket may be all transfers'. */
  onSilence(): void {}

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#observer.onClosing();
    this.#closeWhenSent();
  }

  /** Not while something waits in the shared queue: it would be overtaken. */
  #connectIfWorthwhile(): void {
    if (!this.#isHeard || this.#sentCount < CONNECT_AFTER || this.#unsent > 0) return;
    this.#mayConnect = false;
    this.#socket = this.#dependencies.connect();
  }

  #send(packet: Uint8Array, done?: (error: Error | null) => void): void {
    this.#sentCount++;
    if (this.#socket) this.#socket.send(packet, done);
    else this.#dependencies.send(packet, this.#isHeard, done);
  }

  /** A parting ERROR may still be on its way through libuv. */
  #closeWhenSent(): void {
    if (this.#unsent > 0 || this.#closed) return;
    this.#closed = true;
    this.#socket?.close();
    this.#observer.onClosed();
  }
}
