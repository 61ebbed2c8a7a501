import type { Endpoint } from "../../contract/endpoint.ts";
import type { Interfaces } from "./interfaces.ts";

/** How datagrams come and go: by Node's portable dgram, or by Linux system calls. Everything above is the same code. */
export interface Transport {
  readonly name: "dgram" | "native";

  /**
   * Binds the well-known port. Rejects with a system error (`code` EADDRINUSE and the like).
   * `receiver.onRequest` gets every datagram that arrives there.
   */
  listen(at: Endpoint, receiver: ListenerReceiver): Promise<BoundListener>;

  /** The same on a UDP socket that is bound already. Rejects if the descriptor is none. */
  adopt(socketFd: number, receiver: ListenerReceiver): Promise<BoundListener>;

  /**
   * A socket for one transfer: bound to `local`, connected to the client. Port 0 is any port; another one rejects with
   * EADDRINUSE (`syscall` "bind") if some socket has it. `onClosed` is called once the port is free again.
   */
  open(local: Endpoint, client: Endpoint, onClosed?: () => void): Promise<Channel>;

  /** The interfaces of this machine and their addresses. @throws a system error. */
  interfaces(): Interfaces;

  /**
   * Calls back, maybe more than once, when a link or an address has come, gone or changed. Returns how to end that;
   * undefined if the system does not report it here: then the caller looks now and then.
   */
  watchInterfaces(onChange: () => void): (() => void) | undefined;

  /** Whether a socket can be bound to the address, also if no interface lists it (127.0.0.2). */
  canBind(address: string): Promise<boolean>;

  /** Frees what the transport itself holds; its listener and channels are closed before. */
  close(): void;
}

export interface ListenerReceiver {
  /** `bytes` is only valid during the call. `local` is the address that the datagram was sent to, if it is known. */
  onRequest(bytes: Uint8Array, client: Endpoint, local: Endpoint): void;
  /** A datagram was sent to a broadcast or multicast address: nothing may answer (RFC 1123 section 4.2.3.5). */
  onNotUnicast(client: Endpoint): void;
  /** A reply was not sent, or that is only known later: a lost datagram, the client asks again. */
  onReplyLost(error: NodeJS.ErrnoException, client: Endpoint): void;
  onError(error: Error): void;
}

export interface Listener {
  /** What is bound: a wildcard address stays one, port 0 has become a real one. */
  readonly bound: Endpoint;
  /** One datagram from the well-known port, and from the address that the request was sent to. */
  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void;
  /**
   * A channel through the well-known port, from `local.address`. Once it is attached it gets all that the client sends
   * there but requests, and the channel that had the same ends before gets nothing any more. Its socket is not connected:
   * no ICMP error comes back. Undefined: that address is not bound any more.
   */
  share(local: Endpoint, client: Endpoint): Channel | undefined;
  /** Takes no more requests, at once; frees the port, and resolves, when the last shared channel is closed. */
  close(): Promise<void>;
}

/** A listener of one socket. */
export interface BoundListener extends Listener {
  /** Takes requests again, if shared channels have kept it from closing so far; false: it is closed. */
  resume(): boolean;
}

export interface ChannelReceiver {
  /**
   * A datagram from the client; the first `length` bytes of `bytes`, valid only during the call. `now`: when it was
   * received, on `performance.now()`'s clock.
   */
  onDatagram(bytes: Uint8Array, length: number, now: number): void;
  /** A `send` that took less than it was given may be continued. */
  onWritable(): void;
  /**
   * A send was refused, an ICMP error arrived, or the socket failed: `isNetworkError` of network-errors.ts parts these.
   * ECONNREFUSED says that the client's port is closed. Never called during `send`, maybe after `close`.
   */
  onError(error: NodeJS.ErrnoException): void;
}

export interface Channel {
  /** Sets the receiver of what arrives. To be called once, before the first `send`. */
  attach(receiver: ChannelReceiver): void;
  /**
   * Sends `length` bytes from `offset` on as datagrams of `segment` bytes each, the last of which may be shorter.
   * Returns how many bytes were taken, in whole datagrams: fewer if the socket is full, and `onWritable` follows.
   * A datagram that the system refuses counts as taken, as one that is lost on the way; `onError` reports it.
   * The bytes may be read after the call has returned: they must not change.
   */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number;
  /**
   * The largest IP packet, in bytes, that gets to the client in one piece, as far as the system knows: the route's, or
   * else the interface's. A narrower hop on the way is known only once an ICMP message has told of it.
   */
  mtu(): Promise<number>;
  /** What was sent draws no answer, and is about to be sent again. */
  onSilence(): void;
  close(): void;
}
