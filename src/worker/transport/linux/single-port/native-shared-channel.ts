import type { Endpoint } from "../../../../contract/endpoint.ts";
import { isRequest } from "../../is-request.ts";
import { CONNECT_AFTER } from "../../connected-limits.ts";
import type { Channel, ChannelReceiver } from "../../transport.ts";
import { EAGAIN, ENOBUFS } from "../system/abi.ts";
import type { AddressedEnvelope } from "./envelope.ts";
import type { EnvelopePool } from "./envelope-pool.ts";
import { type Libc, systemError } from "../system/libc.ts";
import type { Envelope, OutgoingBatch } from "../batches/outgoing-batch.ts";
import type { PathMemory } from "../sockets/path-memory.ts";
import { batchSize, isRefusal } from "../sockets/segmentation.ts";
import type { TransferSocket } from "../sockets/transfer-socket.ts";

/** Finds the MTU of the way from one of our addresses to a client. */
export type MtuFinder = (local: Endpoint, client: Endpoint) => Promise<number>;

export interface SharedChannelDependencies {
  readonly libc: Pick<Libc, "addressOf" | "sendBufferUse" | "sendMessages">;
  readonly envelopes: Pick<EnvelopePool, "take" | "give">;
  readonly descriptor: number;
  readonly batch: Pick<OutgoingBatch, "isOpen" | "round" | "enqueue" | "flush">;
  readonly paths: Pick<PathMemory, "limitsOf" | "note">;
  readonly mtuOf: MtuFinder;
  /** The channel has a receiver now. */
  readonly onAttached: (channel: NativeSharedChannel) => void;
  /** The socket is full: `resend` has to be called when it is not. */
  readonly onFull: (channel: NativeSharedChannel) => void;
  readonly onClosed: (channel: NativeSharedChannel) => void;
  /** A socket of its own on the same port, from now on; undefined: there is none to have. */
  readonly connect: (local: Endpoint, client: Endpoint) => ConnectedSocket | undefined;
  /** A request has come to that socket. */
  readonly onRequest: (bytes: Uint8Array, client: Endpoint, local: Endpoint) => void;
}

export type ConnectedSocket = Pick<TransferSocket, "attach" | "send" | "onSilence" | "close">;

/**
 * What waits for a neighbour that answers no ARP stays in the send buffer for seconds. So what goes to clients that were
 * not heard of since their request may use this part of it: forged requests must not hold up what runs.
 */
const UNHEARD_SHARE = 0.5;

/** Whether the send buffer has no room for a client that was not heard of since its request. */
export function isCrowded(libc: Pick<Libc, "sendBufferUse">, descriptor: number): boolean {
  return libc.sendBufferUse(descriptor) > UNHEARD_SHARE;
}

/** The ends of a shared channel. */
export interface SharedEnds {
  /** Our address, as datagrams report it. */
  readonly local: Endpoint;
  readonly client: Endpoint;
  /** The client's address, of the socket's own family. */
  readonly to: string;
  /** Likewise, our address; undefined if the socket is bound to it. */
  readonly source: string | undefined;
}

/** One transfer through the well-known port. A whole window leaves as one message, together with other transfers'. */
export class NativeSharedChannel implements Channel, Envelope {
  readonly local: string;
  readonly #dependencies: SharedChannelDependencies;
  readonly #ends: SharedEnds;
  readonly #envelope: AddressedEnvelope;
  /** Segments of this size or more are sent one by one to this client. */
  #refusedFrom: number;
  #receiver: ChannelReceiver | undefined;
  /** The buffer of the last send, and its address in memory. */
  #bytes: Uint8Array | undefined;
  #base = 0;
  /** What was enqueued last, and in which of the batch's rounds that was. */
  #enqueued = { address: 0, length: 0, segment: 0 };
  #round = -1;
  /** So much of it came back, for the socket was full. */
  #unsent = 0;
  /** The client has sent something since its request. */
  #isHeard = false;
  #sentCount = 0;
  #mayConnect = true;
  /** Bound to the same port, and connected to the client. */
  #own: ConnectedSocket | undefined;
  #isClosed = false;

  constructor(ends: SharedEnds, dependencies: SharedChannelDependencies) {
    const { local, client, to, source } = ends;
    this.local = local.address;
    this.#dependencies = dependencies;
    this.#ends = ends;
    this.#envelope = dependencies.envelopes.take();
    this.#envelope.setEnds({ address: to, port: client.port }, source);
    this.#refusedFrom = dependencies.paths.limitsOf(client.address).refusedFrom;
  }

  get header(): Uint8Array {
    return this.#envelope.header;
  }

  get clientWords(): Uint32Array {
    return this.#envelope.clientWords;
  }

  attach(receiver: ChannelReceiver): void {
    this.#receiver = receiver;
    this.#dependencies.onAttached(this);
  }

  onDatagram(bytes: Uint8Array, length: number, now: number): void {
    this.#isHeard = true;
    this.#receiver?.onDatagram(bytes, length, now);
  }

  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    // The envelope is another one's by now.
    if (this.#isClosed) return length;
    if (this.#mayConnect) this.#connectIfWorthwhile();
    if (this.#own) return this.#own.send(bytes, offset, length, segment);
    this.#sentCount += Math.ceil(length / segment);
    const { batch, libc, descriptor } = this.#dependencies;
    this.#settle();
    this.#unsent = 0;
    if (!this.#isHeard && isCrowded(libc, descriptor)) {
      this.#reportLost(ENOBUFS);
      return length;
    }
    const address = this.#baseOf(bytes) + offset;
    if (!batch.isOpen || length > this.#limitOf(segment)) return this.#send(address, length, segment);
    this.#enqueued = { address, length, segment };
    this.#envelope.fill(address, length, segment);
    batch.enqueue(this);
    this.#round = batch.round;
    return length;
  }

  onUnsent(errno: number): void {
    const { address, length, segment } = this.#enqueued;
    if (errno === EAGAIN) {
      this.#unsent = length;
      this.#dependencies.onFull(this);
      return;
    }
    if (length > segment && isRefusal(errno)) this.#unsent = length - this.#sendEach(address, length, segment);
    else this.#reportLost(errno);
  }

  /** The socket may not be full any more. */
  resend(): void {
    // Another one's turn may have closed it: its bytes may be gone.
    if (this.#isClosed) return;
    const { address, length, segment } = this.#enqueued;
    if (this.#unsent > 0) this.#unsent -= this.#send(address + length - this.#unsent, this.#unsent, segment);
    if (this.#unsent === 0) this.#receiver?.onWritable();
  }

  mtu(): Promise<number> {
    const { local, client } = this.#ends;
    return this.#dependencies.mtuOf(local, client);
  }

  /** What would help, a smaller MTU, is the socket's. */
  onSilence(): void {
    this.#own?.onSilence();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // A parting ERROR that was left in the batch: if the socket is full, it is lost.
    if (this.#settle() && this.#unsent > 0) this.#reportLost(ENOBUFS);
    this.#own?.close();
    this.#receiver = undefined;
    this.#bytes = undefined;
    const { onClosed, envelopes } = this.#dependencies;
    onClosed(this);
    envelopes.give(this.#envelope);
  }

  /** Not while the well-known port is full: what waits there would be overtaken. */
  #connectIfWorthwhile(): void {
    if (!this.#isHeard || this.#sentCount < CONNECT_AFTER || this.#unsent > 0) return;
    this.#mayConnect = false;
    this.#settle();
    if (this.#unsent > 0) return;
    const { connect, onRequest } = this.#dependencies;
    const { local, client } = this.#ends;
    this.#own = connect(local, client);
    this.#own?.attach({
      onDatagram: (bytes, length, now) => {
        if (isRequest(bytes, length)) onRequest(bytes.subarray(0, length), client, local);
        else this.#receiver?.onDatagram(bytes, length, now);
      },
      onWritable: () => this.#receiver?.onWritable(),
      onError: (error) => this.#receiver?.onError(error),
    });
  }

  /** Sends what it has left in the batch, before something else happens to the envelope. Whether there was anything. */
  #settle(): boolean {
    const { batch } = this.#dependencies;
    const isLeft = this.#round === batch.round;
    if (isLeft) batch.flush();
    return isLeft;
  }

  #limitOf(segment: number): number {
    return segment < this.#refusedFrom ? batchSize(segment) : segment;
  }

  #send(address: number, length: number, segment: number): number {
    const limit = this.#limitOf(segment);
    for (let sent = 0; sent < length;) {
      const size = Math.min(length - sent, limit);
      const errno = this.#sendOne(address + sent, size, segment);
      if (errno === EAGAIN) return this.#full(sent);
      if (size > segment && isRefusal(errno)) {
        return sent + this.#sendEach(address + sent, length - sent, segment);
      }
      if (errno !== 0) this.#reportLost(errno);
      sent += size;
    }
    return length;
  }

  /** Uncut. A route may refuse everything with the same errno: that it was the cut shows when a datagram leaves uncut. */
  #sendEach(address: number, length: number, segment: number): number {
    let lost = 0;
    for (let sent = 0; sent < length; sent += segment) {
      const errno = this.#sendOne(address + sent, Math.min(segment, length - sent), segment);
      if (errno === EAGAIN) return this.#full(sent);
      if (errno === 0) this.#noteRefusal(segment);
      else lost = errno;
    }
    if (lost !== 0) this.#reportLost(lost);
    return length;
  }

  /** Returns the errno, or 0. */
  #sendOne(address: number, length: number, segment: number): number {
    const { libc, descriptor } = this.#dependencies;
    this.#envelope.fill(address, length, segment);
    return Math.max(0, -libc.sendMessages(descriptor, this.#envelope.address, 1));
  }

  #full(sent: number): number {
    this.#dependencies.onFull(this);
    return sent;
  }

  #noteRefusal(segment: number): void {
    if (this.#refusedFrom <= segment) return;
    this.#refusedFrom = segment;
    const { paths } = this.#dependencies;
    const { address } = this.#ends.client;
    paths.note(address, { ...paths.limitsOf(address), refusedFrom: segment });
  }

  /** Not at once: the receiver is in the middle of a send. It hears of it even if its transfer has ended then. */
  #reportLost(errno: number): void {
    const receiver = this.#receiver;
    if (receiver) queueMicrotask(() => receiver.onError(systemError(errno, "send")));
  }

  /** They do not move; `#bytes` keeps them alive for as long as their address is known here. */
  #baseOf(bytes: Uint8Array): number {
    if (bytes === this.#bytes) return this.#base;
    this.#bytes = bytes;
    this.#base = this.#dependencies.libc.addressOf(bytes.buffer) + bytes.byteOffset;
    return this.#base;
  }
}
