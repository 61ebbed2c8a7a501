import { isIPv4 } from "node:net";
import type { Endpoint } from "../../../../contract/endpoint.ts";
import type { Channel } from "../../transport.ts";
import { isRequest } from "../../is-request.ts";
import { OpenChannels } from "../../open-channels.ts";
import { AF_INET, SO_RCVBUF, SO_SNDBUF, SOL_SOCKET } from "../system/abi.ts";
import { EnvelopePool } from "./envelope-pool.ts";
import type { Message } from "../system/message.ts";
import type { NativeSockets } from "../sockets/native-sockets.ts";
import { ConnectedSockets, type OnStray } from "../sockets/connected-sockets.ts";
import {
  type ConnectedSocket,
  type MtuFinder,
  NativeSharedChannel,
  type SharedChannelDependencies,
} from "./native-shared-channel.ts";
import { OutgoingBatch } from "../batches/outgoing-batch.ts";
import type { PathMemory } from "../sockets/path-memory.ts";
import { familyOf } from "../system/socket-address.ts";
import { SharedTable } from "./shared-table.ts";

/** The messages that leave in one system call, at most. */
const BATCH = 64;
/** One socket queues for all transfers, in bytes; the system gives what it allows (net.core.rmem_max, wmem_max). */
const BUFFER = 8 * 1024 * 1024;

export interface SharedChannelsDependencies {
  readonly bound: Endpoint;
  readonly paths: PathMemory;
  readonly mtuOf: MtuFinder;
  /** The first channel was attached, or the last one closed. */
  readonly onChanged: () => void;
  /** A request has come to the socket of a transfer. */
  readonly onRequest: SharedChannelDependencies["onRequest"];
  readonly onStray: OnStray;
}

/** The channels that share the well-known port's socket. */
export class SharedChannels {
  readonly #sockets: NativeSockets;
  readonly #bound: Endpoint;
  readonly #batch: OutgoingBatch;
  readonly #dependencies: SharedChannelDependencies;
  readonly #attached: SharedTable;
  /** Attached or not. */
  readonly all: OpenChannels<NativeSharedChannel> = new OpenChannels();
  /** They have more to send than the socket took. */
  readonly #full = new Set<NativeSharedChannel>();
  readonly #descriptor: number;
  readonly #connected: ConnectedSockets;
  readonly #onChanged: () => void;

  constructor(
    sockets: NativeSockets,
    descriptor: number,
    { bound, paths, mtuOf, onChanged, onRequest, onStray }: SharedChannelsDependencies,
  ) {
    this.#sockets = sockets;
    this.#descriptor = descriptor;
    this.#bound = bound;
    this.#onChanged = onChanged;
    this.#attached = new SharedTable(familyOf(bound.address));
    this.#batch = new OutgoingBatch(sockets.libc, descriptor, BATCH);
    this.#connected = new ConnectedSockets(sockets, descriptor, bound, paths, onStray);
    this.#dependencies = {
      libc: sockets.libc,
      envelopes: new EnvelopePool(sockets.libc),
      descriptor,
      batch: this.#batch,
      paths,
      mtuOf,
      onAttached: (channel) => this.#onAttached(channel),
      onFull: (channel) => this.#onFull(channel),
      onClosed: (channel) => this.#onClosed(channel),
      connect: (local, client) => this.#connect(local, client),
      onRequest,
    };
    for (const option of [SO_RCVBUF, SO_SNDBUF]) {
      sockets.libc.setOption(descriptor, SOL_SOCKET, option, Int32Array.of(BUFFER));
    }
  }

  /** How many of the attached have no socket of their own: most often each has one datagram on its way at most. */
  get count(): number {
    return this.#attached.size - this.#connected.count;
  }

  add(local: Endpoint, client: Endpoint): Channel {
    const isMapped = familyOf(this.#bound.address) !== AF_INET && isIPv4(client.address);
    const inFamily = (address: string): string => (isMapped ? `::ffff:${address}` : address);
    const source = local.address === this.#bound.address ? undefined : inFamily(local.address);
    const ends = { local, client, to: inFamily(client.address), source };
    const channel = new NativeSharedChannel(ends, this.#dependencies);
    this.all.add(channel);
    return channel;
  }

  /** Whether the datagram is a channel's, which has got it then. */
  deliver(message: Message, length: number, now: number): boolean {
    if (this.#attached.size === 0 || isRequest(message.buffer, length)) return false;
    const channel = this.#attached.find(message, this.#bound.address);
    channel?.onDatagram(message.buffer, length, now);
    return channel !== undefined;
  }

  /** What is sent until the flush leaves at once. */
  open(): void {
    this.#batch.isOpen = true;
  }

  flush(): void {
    this.#batch.isOpen = false;
    this.#batch.flush();
  }

  onWritable(): void {
    const full = [...this.#full];
    this.#full.clear();
    for (const channel of full) channel.resend();
    if (this.#full.size === 0) this.#sockets.poller.setWriting(this.#descriptor, false);
  }

  #onAttached(channel: NativeSharedChannel): void {
    this.#attached.add(channel);
    if (this.count === 1) this.#onChanged();
  }

  /** What has arrived at the port already is still the channel's. */
  #connect(local: Endpoint, client: Endpoint): ConnectedSocket | undefined {
    const socket = this.#connected.open(local, client);
    if (socket && this.count === 0) this.#onChanged();
    return socket;
  }

  #onFull(channel: NativeSharedChannel): void {
    if (this.#full.size === 0) this.#sockets.poller.setWriting(this.#descriptor, true);
    this.#full.add(channel);
  }

  #onClosed(channel: NativeSharedChannel): void {
    this.#attached.delete(channel);
    this.#full.delete(channel);
    if (this.count === 0) this.#onChanged();
    this.all.delete(channel);
  }
}
