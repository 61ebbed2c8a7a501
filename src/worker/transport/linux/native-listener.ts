import { isIPv4 } from "node:net";
import type { Endpoint } from "../../../contract/endpoint.ts";
import type { BoundListener, Channel, ListenerReceiver } from "../transport.ts";
import { AF_INET, EAGAIN, EINTR, ENOBUFS } from "./system/abi.ts";
import type { Clock } from "./system/clock.ts";
import { IncomingBatch } from "./batches/incoming-batch.ts";
import { systemError } from "./system/libc.ts";
import { Message } from "./system/message.ts";
import { type Busy, POLL_TIMEOUT_MS, type PolledSocket } from "./polling/poller.ts";
import { SharedChannels, type SharedChannelsDependencies } from "./single-port/shared-channels.ts";
import { isCrowded } from "./single-port/native-shared-channel.ts";
import { encodeAddress, familyOf } from "./system/socket-address.ts";
import type { NativeSockets } from "./sockets/native-sockets.ts";

/** How many requests are taken in one go before the running transfers get their turn again, and for how long, in ms. */
const BURST = 64;
const BURST_MS = 2;

/** The well-known port. The kernel reports with each datagram which of our addresses it was sent to. */
export class NativeListener implements BoundListener, PolledSocket, Busy {
  readonly bound: Endpoint;
  readonly #sockets: NativeSockets;
  readonly #descriptor: number;
  readonly #receiver: ListenerReceiver;
  readonly #dependencies: Pick<SharedChannelsDependencies, "paths" | "mtuOf">;
  readonly #incoming: IncomingBatch;
  readonly #outgoing: Message;
  /** Made with the first channel. */
  #shared: SharedChannels | undefined;
  /** Its receive timeout is set. */
  #canWait = false;
  /** No more requests are taken. */
  #isClosing = false;
  #closed = false;

  /** `descriptor` is bound, and reports the destinations of what arrives. */
  constructor(
    sockets: NativeSockets,
    descriptor: number,
    receiver: ListenerReceiver,
    dependencies: Pick<SharedChannelsDependencies, "paths" | "mtuOf">,
  ) {
    this.#sockets = sockets;
    this.#receiver = receiver;
    this.#descriptor = descriptor;
    this.#dependencies = dependencies;
    this.bound = sockets.nameOf(this.#descriptor);
    this.#incoming = new IncomingBatch(sockets.libc, BURST);
    this.#outgoing = new Message(sockets.libc);
    sockets.poller.add(this.#descriptor, this);
  }

  onReadable(now: number): void {
    const end = performance.now() + BURST_MS;
    const most = this.#most;
    for (let taken = 0; taken < BURST && performance.now() < end; taken += most) {
      if (this.#receive(most, false, { read: () => now }) < most) return;
    }
  }

  /** Only while it has channels: then it is busy as a transfer's socket is. */
  receiveWaiting(clock: Clock): boolean {
    if (!this.#canWait) {
      this.#sockets.limitWait(this.#descriptor, POLL_TIMEOUT_MS);
      this.#canWait = true;
    }
    return this.#receive(this.#most, true, clock) > 0;
  }

  onWritable(): void {
    this.#shared?.onWritable();
  }

  reply(bytes: Uint8Array, client: Endpoint, local: Endpoint): void {
    // A refusal may come late. The descriptor's number may be another socket's by now.
    if (this.#closed) return;
    if (this.#shared && !this.#shared.all.isEmpty && isCrowded(this.#sockets.libc, this.#descriptor)) {
      return this.#receiver.onReplyLost(systemError(ENOBUFS, "sendmsg"), client);
    }
    const mapped = familyOf(this.bound.address) !== AF_INET && isIPv4(client.address);
    const to = encodeAddress(mapped ? { ...client, address: `::ffff:${client.address}` } : client);
    const from = mapped ? `::ffff:${local.address}` : local.address;
    this.#outgoing.prepareSend(bytes, to, from);
    const taken = this.#sockets.libc.sendMessage(this.#descriptor, this.#outgoing.header);
    if (taken < 0) this.#receiver.onReplyLost(systemError(-taken, "sendmsg"), client);
  }

  share(local: Endpoint, client: Endpoint): Channel {
    this.#shared ??= new SharedChannels(this.#sockets, this.#descriptor, {
      ...this.#dependencies,
      bound: this.bound,
      onChanged: () => this.#noteBusy(),
      onRequest: (...arrival) => {
        if (!this.#isClosing) this.#receiver.onRequest(...arrival);
      },
      onStray: (message) => this.#handOut(message, performance.now()),
    });
    return this.#shared.add(local, client);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#shared && !this.#shared.all.isEmpty) await this.#shared.all.emptied();
    if (this.#closed || !this.#isClosing) return;
    this.#closed = true;
    this.#sockets.close(this.#descriptor);
  }

  resume(): boolean {
    if (!this.#closed) this.#isClosing = false;
    return !this.#closed;
  }

  /** As many datagrams as there are channels are taken at once; a request takes long, an ACK does not. */
  get #most(): number {
    return Math.min(BURST, Math.max(1, this.#shared?.count ?? 0));
  }

  /** Receives at most `most` datagrams and hands them out. Returns how many came, or the negative errno. */
  #receive(most: number, wait: boolean, clock: Pick<Clock, "read">): number {
    const count = this.#incoming.receive(this.#descriptor, most, wait);
    if (count <= 0) {
      // A signal, as profilers send them, ends the wait too.
      if (count !== -EAGAIN && count !== -EINTR) this.#receiver.onError(systemError(-count, "recvmsg"));
      return count;
    }
    const now = clock.read();
    // One datagram draws one answer, which need not wait for others.
    if (count > 1) this.#shared?.open();
    try {
      for (let index = 0; index < count; index++) {
        const message = this.#incoming.messages[index];
        if (message) this.#handOut(message, now);
      }
    } finally {
      if (count > 1) this.#shared?.flush();
    }
    return count;
  }

  #handOut(message: Message, now: number): void {
    const { length } = message;
    if (this.#shared?.deliver(message, length, now) || this.#isClosing) return;
    const { sender, destination } = message;
    const local = { address: destination.address ?? this.bound.address, port: this.bound.port };
    if (destination.isUnicast) this.#receiver.onRequest(message.data(length), sender, local);
    else this.#receiver.onNotUnicast(sender);
  }

  #noteBusy(): void {
    if (this.#shared && this.#shared.count > 0) this.#sockets.poller.setBusy(this);
    else this.#sockets.poller.setIdle(this);
  }
}
