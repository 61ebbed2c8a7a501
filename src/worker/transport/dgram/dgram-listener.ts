import type { RemoteInfo, Socket } from "node:dgram";
import { isIPv4 } from "node:net";
import { setTimeout } from "node:timers/promises";
import type { Endpoint } from "../../../contract/endpoint.ts";
import { bindSocket, isNumericIpv6 } from "./dgram-socket.ts";
import { isLoopback } from "../../../shared/network/loopback.ts";
import { runMicrotasksByTick } from "../../../shared/tick.ts";
import { isWildcard } from "../../../shared/network/wildcard.ts";
import { socketFull } from "../network-errors.ts";
import { localAddresses, scopeOf } from "./local-addresses.ts";
import type { BoundListener, Channel, ListenerReceiver } from "../transport.ts";
import { type DgramDependencies, SharedChannels } from "./shared-channels.ts";

/** Interfaces are looked through at most once in this time, in ms. */
const RESCAN_INTERVAL = 250;
/** The datagrams that wait for that at most: a flood of broadcasts must not fill the memory. */
const MAX_LOOKUPS = 64;

/**
 * Node queues without a limit what the kernel does not take, as while the send buffer is full of datagrams for neighbours
 * that answer no ARP: then all others wait behind them. In bytes; far less for clients that were not heard of since their
 * request, which may be forged.
 */
const MAX_QUEUED = 8 * 1024 * 1024;
const MAX_QUEUED_UNHEARD = 64 * 1024;

/**
 * The well-known port. dgram does not report the address that a datagram was sent to, but a socket bound to one address
 * knows: on a wildcard host each local address gets a socket of its own. The wildcard socket stays behind them. What
 * arrives there was sent to an address that has been added since, or to a broadcast or multicast address.
 */
export class DgramListener implements BoundListener {
  readonly bound: Endpoint;
  readonly #receiver: ListenerReceiver;
  readonly #sockets = new Map<string, Socket>();
  readonly #shared: SharedChannels;
  /** No more requests are taken. */
  #isClosing = false;
  #closed = false;
  #scannedAt = -Infinity;
  #scanning: Promise<readonly string[]> | undefined;
  #lookups = 0;
  /** Whether no address gets a socket of its own. */
  #isAlone = false;
  /** Some address has no socket of its own: what arrives at the wildcard socket may have been sent there. */
  #isIncomplete = false;

  /** `isShared`: all transfers are to leave from here, so that their own sockets must be let bind the port too. */
  static async bind(
    at: Endpoint,
    receiver: ListenerReceiver,
    dependencies: DgramDependencies,
    isShared: boolean,
  ): Promise<DgramListener> {
    const isAny = isWildcard(at.address);
    if (!isAny && !isShared) return new DgramListener(await bindSocket(at), receiver, dependencies, false);
    // Sockets that share a port must all allow it, and then a bind does not fail if another program has the port: a
    // socket that does not share it finds out.
    const scout = await bindSocket(at);
    const { port } = scout.address();
    await new Promise<void>((resolve) => void scout.close(resolve));
    const socket = await bindSocket({ ...at, port }, { reuseAddr: true });
    const listener = new DgramListener(socket, receiver, dependencies, true);
    if (isAny) await listener.#scan();
    return listener;
  }

  /**
   * With a socket that another process has bound. On a wildcard host it stays the only one: a process that may not bind
   * the port may not bind it to each address either. Then replies leave from the address that the route chooses, and broadcasts
   * cannot be told apart.
   */
  static adopt(socket: Socket, receiver: ListenerReceiver, dependencies: DgramDependencies): DgramListener {
    const listener = new DgramListener(socket, receiver, dependencies, false);
    listener.#isAlone = true;
    return listener;
  }

  private constructor(socket: Socket, receiver: ListenerReceiver, dependencies: DgramDependencies, isReused: boolean) {
    const { address, port } = socket.address();
    this.bound = { address, port };
    this.#receiver = receiver;
    this.#shared = new SharedChannels({
      ...dependencies,
      isReused,
      onOther: (bytes, from, localAddress) => this.#onMessage(bytes, from, localAddress),
    });
    this.#add(socket);
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    this.#send(bytes, client, local, false, (error) => {
      if (error) this.#receiver.onReplyLost(error, client);
    });
  }

  share(local: Endpoint, client: Endpoint): Channel {
    return this.#shared.open(local, client, (packet, isHeard, done) =>
      this.#send(packet, client, local, isHeard, done),
    );
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (!this.#shared.all.isEmpty) await this.#shared.all.emptied();
    if (!this.#isClosing) return;
    this.#closed = true;
    const closing = [...this.#sockets.values()].map(
      (socket) => new Promise<void>((resolve) => void socket.close(resolve)),
    );
    this.#sockets.clear();
    await Promise.all(closing);
  }

  resume(): boolean {
    if (!this.#closed) this.#isClosing = false;
    return !this.#closed;
  }

  /** `isHeard`: as `SharedSend`'s. */
  #send(
    bytes: Uint8Array,
    client: Endpoint,
    local: Endpoint,
    isHeard: boolean,
    done?: (error: Error | null) => void,
  ): void {
    const own = this.#sockets.get(local.address);
    const socket = own ?? this.#sockets.get(this.bound.address);
    const mapped = !isNumericIpv6(client.address) && isNumericIpv6(own ? local.address : this.bound.address);
    const to = mapped ? `::ffff:${client.address}` : client.address;
    if (socket && socket.getSendQueueSize() > (isHeard ? MAX_QUEUED : MAX_QUEUED_UNHEARD)) done?.(socketFull());
    else if (socket) socket.send(bytes, client.port, to, done);
    else done?.(null);
  }

  #add(socket: Socket): void {
    const { address } = socket.address();
    this.#sockets.set(address, socket);
    socket.on("error", (error) => this.#receiver.onError(error));
    socket.on("message", (bytes, from) => this.#onMessage(bytes, from, address));
  }

  /** Something has arrived at the socket that is bound to `address`. */
  #onMessage(bytes: Uint8Array, from: RemoteInfo, address: string): void {
    const client = clientOf(from);
    const isAny = isWildcard(address);
    if (this.#shared.deliver(bytes, client, isAny ? wildcardOf(client) : address) || this.#isClosing) return;
    // Not for what a running transfer gets: that is as quick as the protocol is, and runs at once.
    runMicrotasksByTick();
    if (this.#isAlone && isAny) this.#onlyReceive(bytes, client);
    else if (isAny) void this.#onUnknownDestination(bytes, client);
    else this.#receiver.onRequest(bytes, client, { address, port: this.bound.port });
  }

  #onlyReceive(bytes: Uint8Array, client: Endpoint): void {
    this.#receiver.onRequest(bytes, client, { address: wildcardOf(client), port: this.bound.port });
  }

  /**
   * Looks for addresses that have been added. If there is exactly one, the datagram was sent there; if there are more,
   * the client's next request arrives at the right one. Otherwise an answer would leave from an address that the client
   * did not ask, and draw nothing.
   */
  async #onUnknownDestination(bytes: Uint8Array, client: Endpoint): Promise<void> {
    if (this.#lookups === MAX_LOOKUPS) return this.#receiver.onNotUnicast(client);
    this.#lookups++;
    const added = (await this.#nextScan()).filter((address) => scopeOf(address) === scopeOf(client.address));
    this.#lookups--;
    if (this.#isClosing) return;
    const { port } = this.bound;
    const [address] = added;
    if (address !== undefined && added.length === 1) return this.#receiver.onRequest(bytes, client, { address, port });
    const mayBeOurs = this.#isIncomplete || isLoopback(client.address);
    if (added.length > 0 || !mayBeOurs) return this.#receiver.onNotUnicast(client);
    this.#receiver.onRequest(bytes, client, { address: wildcardOf(client), port });
  }

  /** The addresses that the next scan finds; datagrams that wait at the same time share it. */
  async #nextScan(): Promise<readonly string[]> {
    const waitMs = this.#scannedAt + RESCAN_INTERVAL - performance.now();
    this.#scanning ??= setTimeout(Math.max(0, waitMs), undefined, { ref: false }).then(async () => {
      this.#scanning = undefined;
      return this.#closed ? [] : await this.#scan();
    });
    return await this.#scanning;
  }

  /**
   * Gives each address that has no socket its own, closes those of addresses that are gone, and returns the new ones.
   */
  async #scan(): Promise<readonly string[]> {
    this.#scannedAt = performance.now();
    const present = this.#localAddresses();
    if (present === undefined) return [];
    this.#closeAllBut(present);
    const missing = present.filter((address) => !this.#sockets.has(address));
    const added: string[] = [];
    for (const address of missing) if (await this.#bindOwn(address)) added.push(address);
    this.#isIncomplete = added.length < missing.length;
    return added;
  }

  /** False: the address cannot be bound, as while IPv6 still looks for duplicates of it. */
  async #bindOwn(address: string): Promise<boolean> {
    const { port } = this.bound;
    const socket = await bindSocket({ address, port }, { reuseAddr: true }).catch(() => undefined);
    if (this.#closed) socket?.close();
    else if (socket) this.#add(socket);
    return socket !== undefined;
  }

  #closeAllBut(present: readonly string[]): void {
    for (const [address, socket] of this.#sockets) {
      if (isWildcard(address) || present.includes(address)) continue;
      this.#sockets.delete(address);
      socket.close();
    }
  }

  /** Undefined if the system does not say, as when it is out of file handles: the wildcard socket serves them all. */
  #localAddresses(): string[] | undefined {
    try {
      return localAddresses(this.bound.address);
    } catch (error) {
      this.#isIncomplete = true;
      this.#receiver.onError(error as Error);
      return undefined;
    }
  }
}

/** Of the client's own kind: the route chooses the address that answers leave from. */
function wildcardOf({ address }: Endpoint): string {
  return isIPv4(address) ? "0.0.0.0" : "::";
}

/** An IPv4 client of a socket for both families is what it is: its transfer gets an IPv4 socket. */
function clientOf({ address, port }: RemoteInfo): Endpoint {
  const mapped = address.startsWith("::ffff:") && isIPv4(address.slice(7));
  return { address: mapped ? address.slice(7) : address, port };
}
