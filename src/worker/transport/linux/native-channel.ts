import type { InterfaceMtu } from "../interface-mtu.ts";
import type { Channel, ChannelReceiver } from "../transport.ts";
import type { SocketPool } from "./sockets/socket-pool.ts";
import type { TransferSocket } from "./sockets/transfer-socket.ts";

/** One transfer's turn with a socket. */
export class NativeChannel implements Channel {
  readonly #pool: SocketPool;
  readonly #mtus: InterfaceMtu;
  readonly #onClosed: (() => void) | undefined;
  /** Undefined once it is given back. */
  #socket: TransferSocket | undefined;

  constructor(pool: SocketPool, socket: TransferSocket, mtus: InterfaceMtu, onClosed?: () => void) {
    this.#pool = pool;
    this.#socket = socket;
    this.#mtus = mtus;
    this.#onClosed = onClosed;
  }

  attach(receiver: ChannelReceiver): void {
    this.#socket?.attach(receiver);
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    return this.#socket?.send(bytes, offset, length, segment) ?? 0;
  }

  async mtu(): Promise<number> {
    const socket = this.#socket;
    try {
      if (socket) return socket.mtu;
    } catch {
      // The route is gone since the socket was connected.
    }
    return await this.#mtus.of(socket?.local.address ?? "");
  }

  onSilence(): void {
    this.#socket?.onSilence();
  }

  close(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    this.#pool.give(socket);
    this.#onClosed?.();
  }
}
