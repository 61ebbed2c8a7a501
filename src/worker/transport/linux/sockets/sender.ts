import { EAGAIN, ENOBUFS } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";
import { NO_LIMITS } from "./path-memory.ts";
import type { SendBatch, BatchSender } from "../batches/send-batch.ts";
import { batchSize, isRefusal, setSegment } from "./segmentation.ts";

export interface SenderDependencies {
  readonly libc: Pick<Libc, "send" | "addressOf" | "setOption">;
  readonly descriptor: number;
  /** Undefined: every packet is sent at once. */
  readonly sendBatch: SendersBatch | undefined;
  /** The socket is full: `resend` has to be called when it is not. */
  readonly onFull: () => void;
  /**
   * The system refused a datagram, or reported an ICMP error. Not to be answered by a send before `send` has returned.
   */
  readonly onLost: (errno: number) => void;
  /** The kernel does not cut segments of this size on the way to this client. */
  readonly onRefusedSegment: (segment: number) => void;
}

type SendersBatch = Pick<SendBatch, "isOpen" | "round" | "enqueue" | "flush">;

/**
 * Sends through one socket: consecutive packets in one call if the kernel cuts them (UDP_SEGMENT), and a single one
 * together with those of other sockets if there is a sendBatch. What the system refuses is lost: it counts as sent, so
 * that the retransmission timer repairs it.
 */
export class Sender implements BatchSender {
  readonly #dependencies: SenderDependencies;
  /** The segment size that the socket is set to; 0: it does not cut. */
  #segment = 0;
  /** Segments of this size or more are sent one by one to this client. */
  #refusedFrom = NO_LIMITS.refusedFrom;
  /** The buffer of the last send, and its address in memory. */
  #bytes: Uint8Array | undefined;
  #base = 0;
  /** The packet that was enqueued last, and in which of the sendBatch's rounds that was. */
  #enqueued = { address: 0, length: 0 };
  #round = -1;
  /** It came back, for the socket was full. */
  #isUnsent = false;

  constructor(dependencies: SenderDependencies) {
    this.#dependencies = dependencies;
  }

  /** The next client's way: segments of this size or more are not cut there. */
  set refusedFrom(segment: number) {
    this.#refusedFrom = segment;
  }

  /** As `Channel.send`. */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const { sendBatch } = this.#dependencies;
    this.settle();
    this.#isUnsent = false;
    const address = this.#baseOf(bytes) + offset;
    return length <= segment && sendBatch?.isOpen
      ? this.#enqueue(sendBatch, address, length)
      : this.#send(address, length, segment);
  }

  /** Sends what it has left in the sendBatch, before something else happens to the socket. Whether there was anything. */
  settle(): boolean {
    const isLeft = this.#round === this.#dependencies.sendBatch?.round;
    if (isLeft) this.#dependencies.sendBatch?.flush();
    return isLeft;
  }

  /** The same at the end: what the socket does not take is lost, as a parting ERROR may be. */
  end(): void {
    if (this.settle() && this.#isUnsent) this.#dependencies.onLost(ENOBUFS);
  }

  /** The socket may not be full any more. True: nothing is left of what was taken and not sent. */
  resend(): boolean {
    if (this.#isUnsent) this.#sendEnqueued(0);
    return !this.#isUnsent;
  }

  onUnsent(errno: number): void {
    if (errno === EAGAIN) {
      this.#isUnsent = true;
      this.#dependencies.onFull();
    } else if (this.#isRefusedCut(errno)) {
      this.#cut(0);
      this.#sendEnqueued(0);
    } else this.#sendEnqueued(errno);
  }

  /** The next client's way may not take segments of the size that this one's took, and then takes nothing at all. */
  reset(): void {
    this.end();
    this.#bytes = undefined;
    this.#isUnsent = false;
    this.#refusedFrom = NO_LIMITS.refusedFrom;
    if (this.#segment !== 0) this.#cut(0);
  }

  #enqueue(sendBatch: SendersBatch, address: number, length: number): number {
    this.#prepareCut(length, length);
    this.#enqueued.address = address;
    this.#enqueued.length = length;
    sendBatch.enqueue(this, this.#dependencies.descriptor, address, length);
    this.#round = sendBatch.round;
    return length;
  }

  #sendEnqueued(lost: number): void {
    const { address, length } = this.#enqueued;
    this.#isUnsent = this.#send(address, length, length, lost) < length;
  }

  /** `lost`: the errno of a send of the same datagram that has failed already, or 0. */
  #send(address: number, length: number, segment: number, lost = 0): number {
    const { libc, descriptor, onFull, onLost } = this.#dependencies;
    let limit = segment < this.#refusedFrom ? batchSize(segment) : segment;
    let wasRefused = false;
    let sent = 0;
    while (sent < length) {
      const batch = Math.min(length - sent, limit);
      this.#prepareCut(batch, segment);
      const taken = libc.send(descriptor, address + sent, batch);
      if (taken >= 0) {
        sent += batch;
        // A route may refuse everything with the same errno: that it was the cut shows when a datagram leaves uncut.
        if (wasRefused) this.#noteRefusal(segment);
        wasRefused = false;
      } else if (this.#isRefusedCut(-taken)) {
        this.#cut(0);
        wasRefused = batch > segment;
        if (wasRefused) limit = segment;
      } else if (taken === -EAGAIN) {
        onFull();
        break;
      } else if (lost === 0) {
        // It may be an ICMP error that an earlier datagram drew (ip(7)): then this one was not tried yet.
        lost = -taken;
      } else sent = length;
    }
    if (lost !== 0) onLost(lost);
    return sent;
  }

  #isRefusedCut(errno: number): boolean {
    return this.#segment !== 0 && isRefusal(errno);
  }

  #noteRefusal(segment: number): void {
    this.#refusedFrom = segment;
    this.#dependencies.onRefusedSegment(segment);
  }

  /** They do not move; `#bytes` keeps them alive for as long as their address is known here. */
  #baseOf(bytes: Uint8Array): number {
    if (bytes === this.#bytes) return this.#base;
    this.#bytes = bytes;
    this.#base = this.#dependencies.libc.addressOf(bytes.buffer) + bytes.byteOffset;
    return this.#base;
  }

  /** Has the kernel cut a batch, and leave a single packet whole: a longer one than it is set to would be cut too. */
  #prepareCut(batch: number, segment: number): void {
    const wanted = batch > segment ? segment : batch > this.#segment ? 0 : this.#segment;
    if (wanted !== this.#segment) this.#cut(wanted);
  }

  #cut(segment: number): void {
    setSegment(this.#dependencies.libc, this.#dependencies.descriptor, segment);
    this.#segment = segment;
  }
}
