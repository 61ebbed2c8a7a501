import type { Chunk } from "../content.ts";
import { numberAfter, numberOf, type Rollover } from "../../protocol/block-number.ts";
import { DATA_HEADER, writeDataHeader } from "../../protocol/packet.ts";

/**
 * How big a chunk may become: big enough for one read to be worth its cost, small enough to be read on short notice.
 */
export const CHUNK_BYTES: number = 128 * 1024;

/** How the blocks of a file are grouped: chunk 0 holds the blocks from 1 on. */
export interface Geometry {
  /** Bytes of data in a block. */
  readonly blockSize: number;
  /** Blocks in a chunk: a power of two, so that windows of 16 or 64 blocks do not straddle chunks. */
  readonly blocks: number;
  /** What follows block 65535: headers are part of a chunk. */
  readonly rollover: Rollover;
}

/** As many blocks as fit into `limit` bytes together with their headers, rounded down to a power of two, at least 1. */
export function geometryFor(blockSize: number, rollover: Rollover, limit: number): Geometry {
  const fitting = Math.max(1, Math.floor(limit / (DATA_HEADER + blockSize)));
  return { blockSize, blocks: 2 ** Math.floor(Math.log2(fitting)), rollover };
}

/**
 * In how many blocks of a chunk this payload goes. Less than a full chunk of it is the end of the file, with a last
 * block that is shorter than the others, or empty.
 */
export function blocksFor(payload: number, { blockSize, blocks }: Geometry): number {
  return Math.min(blocks, Math.floor(payload / blockSize) + 1);
}

/** The length of that payload with its headers. */
export function framedLength(payload: number, geometry: Geometry): number {
  return payload + DATA_HEADER * blocksFor(payload, geometry);
}

/**
 * Turns flat payload at the end of `packets` into DATA packets, in place, from the first to the last. A packet never
 * reaches payload that is still to be moved: as many headers as there are packets to come lie between them.
 */
export function frameInPlace(packets: Uint8Array, payload: number, firstBlock: number, geometry: Geometry): void {
  const { blockSize, rollover } = geometry;
  const count = blocksFor(payload, geometry);
  let from = packets.length - payload;
  let to = 0;
  let number = numberOf(firstBlock, rollover);
  for (let left = count; left > 0; left -= 1) {
    const end = Math.min(from + blockSize, packets.length);
    packets.copyWithin(to + DATA_HEADER, from, end);
    writeDataHeader(packets, to, number);
    number = numberAfter(number, rollover);
    to += DATA_HEADER + blockSize;
    from = end;
  }
}

/** The chunk without its last block, in the same memory. */
export function withoutLastBlock({ firstBlock, blockCount, bytes }: Chunk, { blockSize }: Geometry): Chunk {
  const count = blockCount - 1;
  return { firstBlock, blockCount: count, bytes: bytes.subarray(0, count * (DATA_HEADER + blockSize)), final: false };
}
