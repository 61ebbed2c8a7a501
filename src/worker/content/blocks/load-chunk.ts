import { type Chunk, type ContentFile, FileShrank } from "../content.ts";
import { blocksFor, framedLength, frameInPlace, type Geometry } from "./framing.ts";

/** How much of the file a chunk holds, in bytes; of a file of unknown size, how much it may hold. */
export function payloadOf(file: ContentFile, index: number, { blockSize, blocks }: Geometry): number {
  const full = blockSize * blocks;
  return file.size === undefined ? full : Math.max(0, Math.min(full, file.size - index * full));
}

/** Reads and frames one chunk: a single read, into the memory that is sent from afterwards. */
export async function loadChunk(file: ContentFile, index: number, geometry: Geometry): Promise<Chunk> {
  const full = geometry.blockSize * geometry.blocks;
  const firstBlock = index * geometry.blocks + 1;
  const wanted = payloadOf(file, index, geometry);
  // Not zeroed first, for every byte of it is written below, or cut off.
  const memory = Buffer.allocUnsafeSlow(framedLength(wanted, geometry));
  const target = memory.subarray(memory.length - wanted);
  const payload = wanted === 0 ? 0 : await readUnchanged(file, target, index * full);
  const blockCount = blocksFor(payload, geometry);
  const bytes = payload === wanted ? memory : shorten(target, payload, geometry);
  frameInPlace(bytes, payload, firstBlock, geometry);
  return { firstBlock, blockCount, bytes, final: payload < full };
}

/**
 * Verifies the file beside the read, so that a change shows early in a long transfer and costs no time. The end of the
 * file is verified by each reader before its last block leaves, and that is what a version is proved by.
 */
async function readUnchanged(file: ContentFile, target: Uint8Array, position: number): Promise<number> {
  const isEnd = file.size !== undefined && position + target.length >= file.size;
  if (isEnd || !file.verify) return await readPromised(file, target, position);
  const [read, verified] = await Promise.allSettled([readPromised(file, target, position), file.verify()]);
  if (read.status === "rejected") throw read.reason;
  if (verified.status === "rejected") throw verified.reason;
  return read.value;
}

/**
 * Like `ContentFile.read`, but keeps the file to its promise.
 * @throws {FileShrank} if the file ends before its size.
 */
export async function readPromised(file: ContentFile, target: Uint8Array, position: number): Promise<number> {
  const count = await file.read(target, position);
  const { size } = file;
  if (size !== undefined && position + count < size && count < target.length)
    throw new FileShrank(size, position + count);
  return count;
}

/** The end came early in a file of unknown size: memory of the size that it takes, with the payload at its end. */
function shorten(target: Uint8Array, payload: number, geometry: Geometry): Uint8Array {
  const memory = Buffer.allocUnsafeSlow(framedLength(payload, geometry));
  memory.set(target.subarray(0, payload), memory.length - payload);
  return memory;
}
