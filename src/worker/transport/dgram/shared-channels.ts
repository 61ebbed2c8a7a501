import type { Endpoint } from "../../../contract/endpoint.ts";
import { isRequest } from "../is-request.ts";
import { OpenChannels } from "../open-channels.ts";
import type { Channel } from "../transport.ts";
import { DgramSharedChannel, type SharedSend } from "./dgram-shared-channel.ts";
import type { InterfaceMtu } from "../interface-mtu.ts";
import type { PacketViews } from "./packet-views.ts";

/** What channels of all kinds use. */
export interface DgramDependencies {
  readonly views: PacketViews;
  readonly mtus: InterfaceMtu;
}

/** The channels that share the well-known port. What arrives belongs to one of them by its sender and its destination. */
export class SharedChannels {
  readonly #dependencies: DgramDependencies;
  readonly #attached = new Map<string, DgramSharedChannel>();
  /** Attached or not. */
  readonly all: OpenChannels<Channel> = new OpenChannels();

  constructor(dependencies: DgramDependencies) {
    this.#dependencies = dependencies;
  }

  open(local: Endpoint, client: Endpoint, send: SharedSend): Channel {
    const { views, mtus } = this.#dependencies;
    const key = keyOf(client, local.address);
    const channel: DgramSharedChannel = new DgramSharedChannel(
      { views, send, mtu: () => mtus.of(local.address) },
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
