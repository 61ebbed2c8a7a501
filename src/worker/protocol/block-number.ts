/**
 * What follows block 65535 on the wire: block 0, as nearly all clients have it, or block 1. RFC 1350 does not say. A
 * client may ask for either by the option `rollover`, which tftp-hpa's server has introduced.
 */
export type Rollover = 0 | 1;

/** The highest number that a packet has room for. */
const LAST = 0xffff;

/** How many different numbers there are once they repeat themselves. */
const PERIOD = { 0: LAST + 1, 1: LAST } as const;

/** The windows, in blocks, in which no two blocks and no ACK before them have the same number. */
export function largestWindow(rollover: Rollover): number {
  return PERIOD[rollover] - 1;
}

/** The number of a block on the wire. @param block From 1 on; 0 stands for the ACK of the OACK. */
export function numberOf(block: number, rollover: Rollover): number {
  return rollover === 0 || block <= LAST ? block & LAST : ((block - 1) % LAST) + 1;
}

/** The number that follows. */
export function numberAfter(number: number, rollover: Rollover): number {
  return number === LAST ? rollover : number + 1;
}

/**
 * How many blocks an ACK is ahead of block `acknowledged`: 0 for that one once more. An old ACK looks like one from far
 * in the future. Infinity: no block that comes has that number.
 */
export function blocksAhead(acknowledged: number, number: number, rollover: Rollover): number {
  if (rollover === 0) return (number - acknowledged) & LAST;
  // Number 0 is the ACK of the OACK alone, and 65535 is never once more what nothing was acknowledged by.
  if (acknowledged === 0) return number;
  return number === 0 ? Infinity : (number + LAST - (acknowledged % LAST)) % LAST;
}
