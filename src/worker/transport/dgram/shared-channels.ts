import type { RemoteInfo } from "node:dgram";
import type { Endpoint } from "../../../contract/endpoint.ts";
import { isRequest } from "../is-request.ts";
import { OpenChannels } from "../open-channels.ts";
import type { Channel } from "../transport.ts";
import { ConnectedSockets } from "./connected-sockets.ts";
import { DgramSharedChannel, type SharedSend } from "./dgram-shared-channel.ts";
import type { InterfaceMtu } from "../interface-mtu.ts";
import type { PacketViews } from "./packet-views.ts";

/** What channels of all kinds use. */
export interface DgramDependencies {
  readonly views: PacketViews;
  readonly mtus: InterfaceMtu;
}

export interface SharedChannelsDependencies extends DgramDependencies {
  /** The well-known port was bound with SO_REUSEADDR. */
  readonly isReused: boolean;
  /** A datagram of no transfer, to that address of ours, that a transfer's own socket has got. */
  readonly onOther: (bytes: Uint8Array, from: RemoteInfo, localAddress: string) => void;
}

/** The channels that share the well-known port. What arrives belongs to one of them by its sender and its destination. */
export class SharedChannels {
  readonly #dependencies: SharedChannelsDependencies;
  readonly #connected: ConnectedSockets;
  readonly #attached = new Map<string, DgramSharedChannel>();
  /** Attached or not. */
  readonly all: OpenChannels<Channel> = new OpenChannels();

  constructor(dependencies: SharedChannelsDependencies) {
    this.#dependencies = dependencies;
    this.#connected = new ConnectedSockets(dependencies.isReused);
  }

  open(local: Endpoint, client: Endpoint, send: SharedSend): Channel {
    const { views, mtus, onOther } = this.#dependencies;
    const key = keyOf(client, local.address);
    const channel: DgramSharedChannel = new DgramSharedChannel(
      {
        views,
        send,
        mtu: () => mtus.of(local.address),
        connect: () =>
          this.#connected.open(local, client, {
            onDatagram: (bytes) => channel.receive(bytes),
            onOther: (bytes, from) => onOther(bytes, from, local.address),
            onError: (error) => channel.onError(error),
          }),
      },
      {
        onAttached: () => void this.#attached.set(key, channel),
        onClosing: () => {
          if (this.#attached.get(key) === channel) this.#attached.delete(key);
        },
        onClosed: () => this.all.delete(channel),
      },
    );
    this.all.add(channel);
    return channel;
  }

  /** Whether the datagram is a channel's, which has got it then. */
  deliver(bytes: Uint8Array, client: Endpoint, localAddress: string): boolean {
    if (this.#attached.size === 0 || isRequest(bytes)) return false;
    const channel = this.#attached.get(keyOf(client, localAddress));
    channel?.receive(bytes);
    return channel !== undefined;
  }
}

function keyOf({ address, port }: Endpoint, localAddress: string): string {
  return `${address} ${port} ${localAddress}`;
}
