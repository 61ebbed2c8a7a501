import { EAGAIN } from "./abi.ts";
import type { Libc } from "./libc.ts";
import type { SendBatch, BatchSender } from "./send-batch.ts";
import { isRefusal, type Segmentation } from "./segmentation.ts";

export interface SenderDependencies {
  readonly libc: Pick<Libc, "send" | "addressOf">;
  readonly descriptor: number;
  readonly segmentation: Segmentation;
  /** Undefined: every packet is sent at once. */
  readonly sendBatch: SendersBatch | undefined;
  /** Something was not sent, or less than all of it. EAGAIN: the socket is full, `resend` has to be tried. */
  readonly failed: (errno: number) => void;
}

type SendersBatch = Pick<SendBatch, "isOpen" | "round" | "enqueue" | "flush">;

/**
 * Sends through one socket: consecutive packets in one call, where the kernel cuts them (UDP_SEGMENT), and a single one
 * together with those of other sockets, where there is an sendBatch.
 */
export class Sender implements BatchSender {
  readonly #dependencies: SenderDependencies;
  /** The segment size that the socket is set to; 0: it does not cut. */
  #segment = 0;
  /** What was sent from last, and where in memory it lies. */
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

  /** Sends what it has left in the sendBatch, before something else happens to the socket. */
  settle(): void {
    if (this.#round === this.#dependencies.sendBatch?.round) this.#dependencies.sendBatch.flush();
  }

  /** The socket may not be full any more. True: nothing is left of what was taken and not sent. */
  resend(): boolean {
    if (!this.#isUnsent) return true;
    this.#isUnsent = false;
    const { libc, descriptor } = this.#dependencies;
    const taken = libc.send(descriptor, this.#enqueued.address, this.#enqueued.length);
    if (taken < 0) this.onUnsent(-taken);
    return taken >= 0;
  }

  onUnsent(errno: number): void {
    this.#isUnsent = errno === EAGAIN;
    this.#dependencies.failed(errno);
  }

  /** The next client's way may not take segments of the size that this one's took, and then takes nothing at all. */
  reset(): void {
    this.settle();
    this.#bytes = undefined;
    this.#isUnsent = false;
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

  #send(address: number, length: number, segment: number): number {
    const { libc, descriptor, segmentation, failed } = this.#dependencies;
    let sent = 0;
    while (sent < length) {
      const batch = Math.min(length - sent, segmentation.batchSize(segment));
      this.#prepareCut(batch, segment);
      const taken = libc.send(descriptor, address + sent, batch);
      if (taken >= 0) sent += batch;
      else if (batch > segment && isRefusal(-taken)) segmentation.giveUp(this.#segment);
      else {
        failed(-taken);
        break;
      }
    }
    return sent;
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
    this.#dependencies.segmentation.set(this.#dependencies.descriptor, segment);
    this.#segment = segment;
  }
}
