import { EINVAL, EIO, EMSGSIZE, SOL_UDP, UDP_SEGMENT } from "../system/abi.ts";
import type { Libc } from "../system/libc.ts";

/** The datagrams that the kernel cuts a buffer into, at most (UDP_MAX_SEGMENTS). */
const MAX_SEGMENTS = 64;
/** The bytes that it takes at once, at most: a UDP datagram's limit. */
const MAX_BYTES = 65_507;

// UDP generic segmentation offload (udp(7), UDP_SEGMENT): one call hands over up to 64 datagrams, and the kernel, or
// the network card, cuts them.

/** How many bytes one send may take, in whole segments. */
export function batchSize(segment: number): number {
  return Math.max(1, Math.min(MAX_SEGMENTS, Math.floor(MAX_BYTES / segment))) * segment;
}

/** Has the kernel cut what the socket sends; 0: no more. */
export function setSegment(libc: Pick<Libc, "setOption">, descriptor: number, segment: number): void {
  libc.setOption(descriptor, SOL_UDP, UDP_SEGMENT, Int32Array.of(segment));
}

/**
 * Whether the kernel may have refused to cut: a card cannot compute checksums (EIO), or a segment is over the MTU, by
 * the kernel's version EINVAL or EMSGSIZE. A single datagram of that size is refused too while the socket is set to
 * cut.
 */
export function isRefusal(errno: number): boolean {
  return errno === EIO || errno === EINVAL || errno === EMSGSIZE;
}
