import { isIPv4 } from "node:net";
import type { Endpoint } from "../../../contract/events.ts";
import type { Listener, ListenerReceiver } from "../transport.ts";
import { AF_INET, EAGAIN } from "./abi.ts";
import { systemError } from "./libc.ts";
import { Message } from "./message.ts";
import type { PolledSocket } from "./poller.ts";
import { encodeAddress, familyOf } from "./socket-address.ts";
import type { NativeSockets } from "./native-sockets.ts";

/** How many requests are taken in one go before the running transfers get their turn again, and for how long, in ms. */
const BURST = 64;
const BURST_MS = 2;

/** The well-known port. The kernel reports with each datagram which of our addresses it was sent to. */
export class NativeListener implements Listener, PolledSocket {
  readonly bound: Endpoint;
  readonly #sockets: NativeSockets;
  readonly #descriptor: number;
  readonly #receiver: ListenerReceiver;
  readonly #incoming: Message;
  readonly #outgoing: Message;
  #closed = false;

  /** `descriptor` is bound, and reports the destinations of what arrives. */
  constructor(sockets: NativeSockets, descriptor: number, receiver: ListenerReceiver) {
    this.#sockets = sockets;
    this.#receiver = receiver;
    this.#descriptor = descriptor;
    this.bound = sockets.nameOf(this.#descriptor);
    this.#incoming = new Message(sockets.libc);
    this.#outgoing = new Message(sockets.libc);
    sockets.poller.add(this.#descriptor, this);
  }

  onReadable(): void {
    const end = performance.now() + BURST_MS;
    for (let count = 0; count < BURST && performance.now() < end; count++) {
      this.#incoming.prepareReceive();
      const length = this.#sockets.libc.receiveMessage(this.#descriptor, this.#incoming.header);
      if (length === -EAGAIN) return;
      if (length < 0) return this.#receiver.onError(systemError(-length, "recvmsg"));
      const { sender, destination } = this.#incoming;
      const local = { address: destination.address ?? this.bound.address, port: this.bound.port };
      if (destination.isUnicast) this.#receiver.onRequest(this.#incoming.data(length), sender, local);
      else this.#receiver.onNotUnicast(sender);
    }
  }

  onWritable(): void {}

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    // A refusal may come late. The descriptor's number may be another socket's by now.
    if (this.#closed) return;
    const mapped = familyOf(this.bound.address) !== AF_INET && isIPv4(client.address);
    const to = encodeAddress(mapped ? { ...client, address: `::ffff:${client.address}` } : client);
    const from = mapped ? `::ffff:${local.address}` : local.address;
    this.#outgoing.prepareSend(bytes, to, from);
    const taken = this.#sockets.libc.sendMessage(this.#descriptor, this.#outgoing.header);
    if (taken < 0) this.#receiver.onReplyLost(systemError(-taken, "sendmsg"), client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sockets.close(this.#descriptor);
  }
}
