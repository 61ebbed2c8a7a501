import type { Endpoint } from "../../../../contract/endpoint.ts";
import { hasCode } from "../../../../shared/error-codes.ts";
import { MAX_CONNECTED } from "../../connected-limits.ts";
import { isWildcard } from "../../../../shared/network/wildcard.ts";
import { SO_REUSEADDR, SOL_SOCKET } from "../system/abi.ts";
import { IncomingBatch } from "../batches/incoming-batch.ts";
import type { Message } from "../system/message.ts";
import type { ConnectedSocket } from "../single-port/native-shared-channel.ts";
import type { NativeSockets } from "./native-sockets.ts";
import type { PathMemory } from "./path-memory.ts";
import { familyOf } from "../system/socket-address.ts";
import { TransferSocket } from "./transfer-socket.ts";

/** So many strays are handed on: more come in that moment in a flood only. */
const MAX_STRAYS = 16;

/** Gets a datagram that came to a socket between its bind and its connect, and so may be any client's. */
export type OnStray = (message: Message) => void;

/**
 * Sockets that are bound to the well-known port as well, and connected to one client each. Linux hands each datagram to
 * the socket that fits best, so these get what their clients send, and a flood at the well-known port is not before it.
 */
export class ConnectedSockets {
  readonly #sockets: NativeSockets;
  readonly #paths: PathMemory;
  readonly #descriptor: number;
  readonly #bound: Endpoint;
  readonly #onStray: OnStray;
  /** Those that hold no stray. */
  readonly #batches: IncomingBatch[] = [];
  /** The well-known port can be bound again. */
  #isAllowed = true;
  /** How many are open. */
  count = 0;

  /** `descriptor` is the well-known port's, which is `bound`. */
  constructor(sockets: NativeSockets, descriptor: number, bound: Endpoint, paths: PathMemory, onStray: OnStray) {
    this.#sockets = sockets;
    this.#descriptor = descriptor;
    this.#bound = bound;
    this.#paths = paths;
    this.#onStray = onStray;
  }

  /** Undefined: the transfer has to use the socket that all share, as when root was given up after the bind. */
  open(local: Endpoint, client: Endpoint): ConnectedSocket | undefined {
    // Bound to a wildcard, it would get only what is sent to the address that the route has chosen.
    if (!this.#isAllowed || this.count >= MAX_CONNECTED || isWildcard(local.address)) return undefined;
    // An IPv4 client of an IPv6 socket: its strays could not be told from others.
    if (familyOf(local.address) !== familyOf(this.#bound.address)) return undefined;
    try {
      const socket = this.#connect(local, client);
      this.count++;
      return {
        attach: (receiver) => socket.attach(receiver),
        send: (bytes, offset, length, segment) => socket.send(bytes, offset, length, segment),
        onSilence: () => socket.onSilence(),
        close: () => {
          this.count--;
          socket.close();
        },
      };
    } catch (error) {
      // The next one would fail as well.
      if (hasCode(error, "EACCES") || hasCode(error, "EADDRINUSE")) this.#isAllowed = false;
      return undefined;
    }
  }

  /** The well-known port may be shared for this moment only: no other program can take it. @throws a system error. */
  #connect(local: Endpoint, client: Endpoint): TransferSocket {
    const { libc } = this.#sockets;
    // An inherited socket's may be set.
    const before = libc.getOption(this.#descriptor, SOL_SOCKET, SO_REUSEADDR);
    this.#setReused(this.#descriptor, 1);
    let socket: TransferSocket;
    try {
      socket = new TransferSocket(this.#sockets, local, this.#paths, {
        prepare: (opened) => {
          this.#setReused(opened, 1);
          // A stray's, too.
          this.#sockets.reportDestinations(opened, familyOf(local.address));
        },
      });
    } finally {
      this.#setReused(this.#descriptor, before);
    }
    try {
      socket.connect(client);
      this.#takeStrays(socket);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Hands on what came before the socket was connected: requests, and ACKs of other transfers, which a client may not
   * repeat. Not at once: this is in the middle of a transfer's send.
   */
  #takeStrays(socket: TransferSocket): void {
    const batch = this.#batches.pop() ?? new IncomingBatch(this.#sockets.libc, MAX_STRAYS);
    const count = socket.receiveMessages(batch, MAX_STRAYS);
    if (count <= 0) return void this.#batches.push(batch);
    if (count === MAX_STRAYS) socket.drain();
    setImmediate(() => {
      for (const message of batch.messages.slice(0, count)) this.#onStray(message);
      this.#batches.push(batch);
    });
  }

  #setReused(descriptor: number, value: number): void {
    this.#sockets.libc.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, Int32Array.of(value));
  }
}
