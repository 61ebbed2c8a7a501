import type { Libc } from "./libc.ts";
import { isRefusal, type Segmentation } from "./segmentation.ts";

/** Sends through one socket: consecutive packets in one call, where the kernel cuts them (UDP_SEGMENT). */
export class Sender {
  /** What stopped the last `send` that took less than it was given. */
  errno = 0;
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #segmentation: Segmentation;
  /** The segment size that the socket is set to; 0: it does not cut. */
  #segment = 0;
  /** What was sent from last, and where in memory it lies. */
  #bytes: Uint8Array | undefined;
  #base = 0;

  constructor(libc: Libc, descriptor: number, segmentation: Segmentation) {
    this.#libc = libc;
    this.#descriptor = descriptor;
    this.#segmentation = segmentation;
  }

  /** As `Channel.send`. */
  send(bytes: Uint8Array, offset: number, length: number, segment: number): number {
    const end = offset + length;
    const base = this.#baseOf(bytes);
    let at = offset;
    while (at < end) {
      const batch = Math.min(end - at, this.#segmentation.batchSize(segment));
      this.#prepareCut(batch, segment);
      const taken = this.#libc.send(this.#descriptor, base + at, batch);
      if (taken >= 0) at += batch;
      else if (batch > segment && isRefusal(-taken)) this.#segmentation.giveUp(this.#segment);
      else {
        this.errno = -taken;
        break;
      }
    }
    return at - offset;
  }

  /** The next client's way may not take segments of the size that this one's took, and then takes nothing at all. */
  reset(): void {
    this.#bytes = undefined;
    if (this.#segment !== 0) this.#cut(0);
  }

  /** They do not move; `#bytes` keeps them alive for as long as their address is known here. */
  #baseOf(bytes: Uint8Array): number {
    if (bytes === this.#bytes) return this.#base;
    this.#bytes = bytes;
    this.#base = this.#libc.addressOf(bytes.buffer) + bytes.byteOffset;
    return this.#base;
  }

  /** Has the kernel cut a batch, and leave a single packet whole: a longer one than it is set to would be cut too. */
  #prepareCut(batch: number, segment: number): void {
    const wanted = batch > segment ? segment : batch > this.#segment ? 0 : this.#segment;
    if (wanted !== this.#segment) this.#cut(wanted);
  }

  #cut(segment: number): void {
    this.#segmentation.set(this.#descriptor, segment);
    this.#segment = segment;
  }
}
