import { EINVAL, EIO, EMSGSIZE, SOL_UDP, UDP_SEGMENT } from "./abi.ts";
import type { Libc } from "./libc.ts";

/** The kernel cuts a buffer into so many datagrams at most (UDP_MAX_SEGMENTS), */
const MAX_SEGMENTS = 64;
/** and takes so many bytes at once: a UDP datagram's limit. */
const MAX_BYTES = 65_507;

/**
 * UDP generic segmentation offload (udp(7), UDP_SEGMENT): one call hands over up to 64 datagrams, and the kernel, or the
 * network card, cuts them. A card that cannot checksum, or a segment over the MTU, refuses it: that size is then sent
 * one by one, by every transfer.
 */
export class Segmentation {
  readonly #libc: Pick<Libc, "setOption">;
  /** No segment of this size or more goes through. */
  #refusedFrom = Infinity;

  constructor(libc: Pick<Libc, "setOption">) {
    this.#libc = libc;
  }

  /** How many bytes one send may take. */
  batchSize(segment: number): number {
    if (segment >= this.#refusedFrom) return segment;
    return Math.max(1, Math.min(MAX_SEGMENTS, Math.floor(MAX_BYTES / segment))) * segment;
  }

  /** 0: the socket cuts nothing. */
  set(descriptor: number, segment: number): void {
    this.#libc.setOption(descriptor, SOL_UDP, UDP_SEGMENT, Int32Array.of(segment));
  }

  /** The kernel refused: this size goes out one by one from now on. */
  giveUp(segment: number): void {
    this.#refusedFrom = Math.min(this.#refusedFrom, segment);
  }
}

export function isRefusal(errno: number): boolean {
  return errno === EIO || errno === EINVAL || errno === EMSGSIZE;
}
