import type { Socket } from "node:dgram";
import { once } from "node:events";
import { performance } from "node:perf_hooks";
import type { Endpoint } from "../../../contract/endpoint.ts";
import { adoptSocket, type Copier } from "./adopt-socket.ts";
import { DgramListener } from "./dgram-listener.ts";
import { bindSocket } from "./dgram-socket.ts";
import { PacketViews } from "./packet-views.ts";
import { WindowSender } from "./window-sender.ts";
import { InterfaceMtu } from "../interface-mtu.ts";
import { type Interfaces, interfacesOfNode } from "../interfaces.ts";
import type { BoundListener, Channel, ChannelReceiver, ListenerReceiver, Transport } from "../transport.ts";

/** The portable transport: Node's dgram, and one connected socket for each transfer. */
export class DgramTransport implements Transport {
  readonly name = "dgram";
  readonly #views = new PacketViews();
  readonly #mtus = new InterfaceMtu();
  readonly #copier: Copier;
  readonly #isSinglePort: boolean;

  /**
   * `copier`: what copies a descriptor to be adopted, if there is anything that can. `isSinglePort`: transfers are to
   * leave from the well-known port, at least at first.
   */
  constructor(
    copier: Copier = () => Promise.reject(new Error("nothing here copies descriptors")),
    { isSinglePort = false }: { readonly isSinglePort?: boolean | undefined } = {},
  ) {
    this.#copier = copier;
    this.#isSinglePort = isSinglePort;
  }

  async listen(at: Endpoint, receiver: ListenerReceiver): Promise<BoundListener> {
    const dependencies = { views: this.#views, mtus: this.#mtus };
    return await DgramListener.bind(at, receiver, dependencies, this.#isSinglePort && process.platform === "linux");
  }

  async adopt(socketFd: number, receiver: ListenerReceiver): Promise<BoundListener> {
    return DgramListener.adopt(await adoptSocket(socketFd, this.#copier), receiver, {
      views: this.#views,
      mtus: this.#mtus,
    });
  }

  async open(local: Endpoint, client: Endpoint, onClosed?: () => void): Promise<Channel> {
    const socket = await bindSocket(local);
    try {
      const connected = once(socket, "connect");
      socket.connect(client.port, client.address);
      await connected;
      return new DgramChannel(socket, this.#views, this.#mtus, onClosed);
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  interfaces(): Interfaces {
    return interfacesOfNode();
  }

  watchInterfaces(): undefined {}

  async canBind(address: string): Promise<boolean> {
    const socket = await bindSocket({ address, port: 0 }).catch(() => undefined);
    socket?.close();
    return socket !== undefined;
  }

  close(): void {}
}

class DgramChannel implements Channel {
  readonly #socket: Socket;
  /** The client, as the socket's datagrams report it. */
  readonly #client: Endpoint;
  readonly #windows: WindowSender;
  readonly #mtus: InterfaceMtu;
  readonly #onClosed: (() => void) | undefined;
  #receiver: ChannelReceiver | undefined;
  #closing = false;

  /** `socket` is connected. */
  constructor(socket: Socket, views: PacketViews, mtus: InterfaceMtu, onClosed?: () => void) {
    this.#socket = socket;
    this.#client = socket.remoteAddress();
    // An ICMP error may come while the terms are settled, and one without a listener would end the thread.
    socket.on("error", (error) => this.#receiver?.onError(error));
    this.#windows = new WindowSender(views, {
      onLost: (error) => this.#receiver?.onError(error),
      onAllLeft: () => void (this.#closing && this.#closeWhenSent()),
    });
    this.#mtus = mtus;
    this.#onClosed = onClosed;
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#socket.on("message", (bytes, { port, address }) => {
      // A stranger's may have come while the socket was bound, and not connected yet.
      if (port !== this.#client.port || address !== this.#client.address) return;
      receiver.onDatagram(bytes, bytes.length, performance.now());
    });
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    return this.#windows.send(this.#socket, bytes, offset, length, segment);
  }

  /** Node does not say what the kernel knows of the way. Connected, a socket has one address even if bound to all. */
  mtu(): Promise<number> {
    return this.#mtus.of(this.#socket.address().address);
  }

  /** Node offers nothing that would help: whether packets carry "don't fragment" is the system's choice. */
  onSilence(): void {}

  close(): void {
    this.#closing = true;
    this.#socket.removeAllListeners();
    // ICMP errors for the closed port change nothing any more.
    this.#socket.on("error", () => {});
    this.#closeWhenSent();
  }

  /** A parting ERROR may still be on its way through libuv. */
  #closeWhenSent(): void {
    if (this.#windows.hasAllLeft) this.#socket.close(this.#onClosed);
  }
}
