import type { Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";
import type { Endpoint } from "../../../contract/events.ts";
import { bindSocket } from "./dgram-socket.ts";
import type { Listener, ListenerReceiver } from "../transport.ts";

/** Interfaces are looked through again at most this often, in ms. */
const RESCAN_INTERVAL = 1_000;

/**
 * The well-known port. dgram does not tell where a datagram was sent to, but a socket bound to one address knows: on a
 * wildcard host each local address gets a socket of its own. The wildcard socket stays behind them, for addresses that
 * come later: a request that arrives there is served from the address that the kernel picks, and makes us look again.
 */
export class DgramListener implements Listener {
  readonly bound: Endpoint;
  readonly #receiver: ListenerReceiver;
  readonly #sockets = new Map<string, Socket>();
  #closed = false;
  #scannedAt = -Infinity;

  static async bind(at: Endpoint, receiver: ListenerReceiver): Promise<DgramListener> {
    if (!isWildcard(at.address)) return new DgramListener(await bindSocket(at), receiver);
    // Sockets that share a port must all allow it, and then nothing tells that the port is someone else's already:
    // a socket that shares with nobody finds out.
    const scout = await bindSocket(at);
    const { port } = scout.address();
    await new Promise<void>((resolve) => void scout.close(resolve));
    const listener = new DgramListener(await bindSocket({ ...at, port }, { reuseAddr: true }), receiver);
    await listener.#scan();
    return listener;
  }

  private constructor(socket: Socket, receiver: ListenerReceiver) {
    const { address, port } = socket.address();
    this.bound = { address, port };
    this.#receiver = receiver;
    this.#add(socket);
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    const socket = this.#sockets.get(local.address) ?? this.#sockets.get(this.bound.address);
    const mapped = socket?.address().family === "IPv6" && isIPv4(client.address);
    // A reply that cannot leave is a lost datagram: the client asks again.
    socket?.send(bytes, client.port, mapped ? `::ffff:${client.address}` : client.address, () => {});
  }

  async close(): Promise<void> {
    this.#closed = true;
    const closing = [...this.#sockets.values()].map(
      (socket) => new Promise<void>((resolve) => void socket.close(resolve)),
    );
    this.#sockets.clear();
    await Promise.all(closing);
  }

  #add(socket: Socket): void {
    const { address, port } = socket.address();
    const local = { address, port };
    this.#sockets.set(address, socket);
    socket.on("error", (error) => this.#receiver.onError(error));
    socket.on("message", (bytes, from) => {
      if (isWildcard(address)) void this.#scan();
      // An IPv4 client of a socket for both families: its transfer gets an IPv4 socket.
      const mapped = from.address.startsWith("::ffff:") && isIPv4(from.address.slice(7));
      if (!mapped) return this.#receiver.onRequest(bytes, { address: from.address, port: from.port }, local);
      this.#receiver.onRequest(
        bytes,
        { address: from.address.slice(7), port: from.port },
        { address: "0.0.0.0", port },
      );
    });
  }

  /** Gives each address that has no socket yet its own. One that cannot be bound stays with the wildcard socket. */
  async #scan(): Promise<void> {
    const now = performance.now();
    if (now - this.#scannedAt < RESCAN_INTERVAL) return;
    this.#scannedAt = now;
    const { port } = this.bound;
    for (const address of this.#localAddresses()) {
      if (this.#sockets.has(address)) continue;
      const socket = await bindSocket({ address, port }, { reuseAddr: true }).catch(() => undefined);
      if (this.#closed) socket?.close();
      else if (socket) this.#add(socket);
    }
  }

  /** None where the system does not tell, as when it is out of file handles: the wildcard socket serves them all. */
  #localAddresses(): string[] {
    try {
      return localAddresses(this.bound.address);
    } catch (error) {
      this.#receiver.onError(error as Error);
      return [];
    }
  }
}

export function isWildcard(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** This machine's addresses that a wildcard stands for; `::` stands for IPv4 ones as well. */
function localAddresses(wildcard: string): string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    infos
      .filter(({ family }) => wildcard === "::" || family === "IPv4")
      .map(({ address, scopeid }) => (scopeid ? `${address}%${name}` : address)),
  );
}
