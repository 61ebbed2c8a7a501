import type { DescriptorLedger } from "./system/descriptor-ledger.ts";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { BoundListener, Channel, ListenerReceiver, Transport } from "../transport.ts";
import { InterfaceMtu } from "../interface-mtu.ts";
import { type Interfaces, interfacesOfNode } from "../interfaces.ts";
import { InterfaceWatch } from "./netlink/interface-watch.ts";
import { listInterfaces } from "./netlink/list-interfaces.ts";
import { EpollSet } from "./polling/epoll-set.ts";
import type { Libc } from "./system/libc.ts";
import { closeBatchIo, type BatchIo, openBatchIo } from "./batches/batch-io.ts";
import { NativeChannel } from "./native-channel.ts";
import { NativeListener } from "./native-listener.ts";
import { NativeSockets } from "./sockets/native-sockets.ts";
import { PathMemory } from "./sockets/path-memory.ts";
import { Poller } from "./polling/poller.ts";
import { familyOf } from "./system/socket-address.ts";
import { SocketPool } from "./sockets/socket-pool.ts";

/** The sockets that have their turn in one round, at most. */
const ROUND = 256;

/** The Linux transport: the same sockets by system calls of our own, a window in one call, and an epoll set. */
export class NativeTransport implements Transport {
  readonly name = "native";
  readonly #libc: Libc;
  readonly #ledger: DescriptorLedger;
  readonly #epoll: EpollSet;
  readonly #batchIo: BatchIo | undefined;
  readonly #poller: Poller;
  readonly #sockets: NativeSockets;
  readonly #paths = new PathMemory();
  readonly #pool: SocketPool;
  readonly #mtus = new InterfaceMtu();
  /** What listeners need for channels that share their ports. */
  readonly #shared: ConstructorParameters<typeof NativeListener>[3] = {
    paths: this.#paths,
    mtuOf: (local, client) => this.#mtuOf(local, client),
  };

  /** `mustNotSleep`: whether an async operation is in flight in this thread. */
  constructor(libc: Libc, ledger: DescriptorLedger, mustNotSleep: () => boolean) {
    this.#libc = libc;
    this.#ledger = ledger;
    this.#epoll = new EpollSet(libc, ledger, ROUND);
    this.#batchIo = batchIoIfAllowed(libc, ledger);
    this.#poller = new Poller({ libc, epoll: this.#epoll, batchIo: this.#batchIo, mustNotSleep });
    this.#sockets = new NativeSockets(libc, this.#poller, ledger);
    this.#pool = new SocketPool(this.#sockets, this.#paths);
  }

  /** From now on everything is received and sent by this device. */
  bindToDevice(device: string): void {
    // Those that the self-test has left are bound to none.
    this.#pool.close();
    this.#sockets.device = device;
  }

  async listen(at: Endpoint, receiver: ListenerReceiver): Promise<BoundListener> {
    // What rests there may be tied to an interface that was made anew, and is bound again for that reason.
    this.#pool.close();
    // Set before the port is bound: of a datagram that came earlier the kernel would not know its destination.
    const descriptor = this.#sockets.open(at, (opened) =>
      this.#sockets.reportDestinations(opened, familyOf(at.address)),
    );
    return new NativeListener(this.#sockets, descriptor, receiver, this.#shared);
  }

  async adopt(socketFd: number, receiver: ListenerReceiver): Promise<BoundListener> {
    return new NativeListener(this.#sockets, this.#sockets.adopt(socketFd), receiver, this.#shared);
  }

  async open(local: Endpoint, client: Endpoint, onClosed?: () => void): Promise<Channel> {
    return new NativeChannel(this.#pool, this.#pool.take(local, client), this.#mtus, onClosed);
  }

  /** Only a connected socket knows its way. */
  async #mtuOf({ address }: Endpoint, client: Endpoint): Promise<number> {
    try {
      const channel = await this.open({ address, port: 0 }, client);
      const mtu = await channel.mtu();
      channel.close();
      return mtu;
    } catch {
      return this.#mtus.of(address);
    }
  }

  /** Where netlink is forbidden, as in a sandbox, Node's answer has to do. */
  interfaces(): Interfaces {
    try {
      return listInterfaces(this.#libc, this.#ledger);
    } catch {
      return interfacesOfNode();
    }
  }

  watchInterfaces(onChange: () => void): (() => void) | undefined {
    try {
      const watch = new InterfaceWatch(this.#libc, this.#ledger, this.#poller, onChange);
      return () => watch.close();
    } catch {
      return undefined;
    }
  }

  async canBind(address: string): Promise<boolean> {
    try {
      this.#sockets.close(this.#sockets.open({ address, port: 0 }));
      return true;
    } catch {
      return false;
    }
  }

  close(): void {
    this.#pool.close();
    this.#poller.close();
    this.#epoll.close();
    if (this.#batchIo) closeBatchIo(this.#batchIo);
  }
}

function batchIoIfAllowed(libc: Libc, ledger: DescriptorLedger): BatchIo | undefined {
  try {
    return openBatchIo(libc, ledger, ROUND);
  } catch {
    return undefined;
  }
}
