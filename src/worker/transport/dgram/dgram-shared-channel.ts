import type { Socket } from "node:dgram";
import { CONNECT_AFTER } from "../connected-limits.ts";
import type { Channel, ChannelReceiver } from "../transport.ts";
import type { PacketViews } from "./packet-views.ts";
import { type PacketSender, type SendCallback, WindowSender } from "./window-sender.ts";

/** Sends one datagram from the well-known port. `isHeard`: the client has sent something since its request. */
export type SharedSend = (packet: Uint8Array, isHeard: boolean, done?: SendCallback) => void;

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
  #closing = false;
  #closed = false;
  readonly #windows: WindowSender;
  readonly #out: PacketSender = {
    send: (packet, done) => {
      this.#sentCount++;
      if (this.#socket) this.#socket.send(packet, done);
      else this.#dependencies.send(packet, this.#isHeard, done);
    },
  };

  constructor(dependencies: SharedChannelDependencies, observer: SharedChannelObserver) {
    this.#dependencies = dependencies;
    this.#observer = observer;
    this.#windows = new WindowSender(dependencies.views, {
      onLost: (error) => this.#receiver?.onError(error),
      onAllLeft: () => void (this.#closing && this.#closeWhenSent()),
    });
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
    if (this.#mayConnect) this.#connectIfWorthwhile();
    return this.#windows.send(this.#out, bytes, offset, length, segment);
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
    if (!this.#isHeard || this.#sentCount < CONNECT_AFTER || !this.#windows.hasAllLeft) return;
    this.#mayConnect = false;
    this.#socket = this.#dependencies.connect();
  }

  /** A parting ERROR may still be on its way through libuv. */
  #closeWhenSent(): void {
    if (!this.#windows.hasAllLeft || this.#closed) return;
    this.#closed = true;
    this.#socket?.close();
    this.#observer.onClosed();
  }
}
