import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { geometryFor } from "../../../../src/worker/content/blocks/framing.ts";
import { loadChunk } from "../../../../src/worker/content/blocks/load-chunk.ts";
import { MemoryFile, patterned } from "../fixtures.ts";

/** RFC 1350 by the letter: cut, and put a header before each piece. */
function packetsOf(content: Buffer, blockSize: number): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at <= content.length; at += blockSize) {
    const block = at / blockSize + 1;
    const header = Buffer.from([0, 3, (block >> 8) & 255, block & 255]);
    packets.push(Buffer.concat([header, content.subarray(at, at + blockSize)]));
  }
  return packets;
}

describe("a chunk holds a power of two of blocks, and about 128 KiB", () => {
  test.each([
    [8, 8192],
    [512, 128],
    [1024, 64],
    [1408, 64],
    [1428, 64],
    [1468, 64],
    [8192, 8],
    [65464, 2],
  ])("a chunk of block size %i holds %i blocks", (blockSize, blocks) => {
    expect(geometryFor(blockSize, 0, 128 * 1024)).toEqual({ blockSize, blocks, rollover: 0 });
  });

  test("a chunk holds at least one block, however little memory there is", () => {
    expect(geometryFor(65464, 1, 100)).toEqual({ blockSize: 65464, blocks: 1, rollover: 1 });
  });
});

test("chunks framed in place equal a naive framer's, whether the size is known or not", async () => {
  const blockSize = fc.integer({ min: 8, max: 40 });
  const blocks = fc.constantFrom(1, 2, 4, 8);
  // Around multiples of the block and the chunk is where it can go wrong.
  const size = fc.oneof(fc.nat(700), fc.record({ full: fc.nat(24), off: fc.integer({ min: -1, max: 1 }) }));
  await fc.assert(
    fc.asyncProperty(blockSize, blocks, size, fc.boolean(), async (blockBytes, perChunk, length, known) => {
      const bytes = typeof length === "number" ? length : Math.max(0, length.full * blockBytes + length.off);
      const content = patterned(bytes);
      const file = new MemoryFile(content);
      if (!known) file.size = undefined;
      const expected = packetsOf(content, blockBytes);
      const chunks = Math.ceil(expected.length / perChunk);
      for (let index = 0; index < chunks; index += 1) {
        const chunk = await loadChunk(file, index, { blockSize: blockBytes, blocks: perChunk, rollover: 0 });
        const mine = expected.slice(index * perChunk, (index + 1) * perChunk);
        expect(Buffer.from(chunk.bytes).equals(Buffer.concat(mine))).toBe(true);
        expect(chunk.firstBlock).toBe(index * perChunk + 1);
        expect(chunk.blockCount).toBe(mine.length);
        expect(chunk.final).toBe(index === chunks - 1);
      }
      // One read a chunk at the most.
      expect(file.reads.length).toBeLessThanOrEqual(chunks);
    }),
  );
});

test("an empty file is one empty block, and is not read at all", async () => {
  const file = new MemoryFile(Buffer.alloc(0));
  const chunk = await loadChunk(file, 0, { blockSize: 512, blocks: 128, rollover: 0 });
  expect([...chunk.bytes]).toEqual([0, 3, 0, 1]);
  expect(chunk).toMatchObject({ blockCount: 1, final: true });
  expect(file.reads).toEqual([]);
});

test("block numbers wrap from 65535 to 0 and on", async () => {
  const file = new MemoryFile(patterned(8 * 65_540));
  const chunk = await loadChunk(file, 65_536 / 4 - 1, { blockSize: 8, blocks: 4, rollover: 0 });
  expect(chunk.firstBlock).toBe(65_533);
  const numbers = [0, 1, 2, 3].map((index) => Buffer.from(chunk.bytes).readUInt16BE(index * 12 + 2));
  expect(numbers).toEqual([65_533, 65_534, 65_535, 0]);
  const next = await loadChunk(file, 65_536 / 4, { blockSize: 8, blocks: 4, rollover: 0 });
  expect([...next.bytes.subarray(0, 4)]).toEqual([0, 3, 0, 1]);
});

test("with rollover 1 block numbers wrap from 65535 to 1, within a chunk and in the next ones", async () => {
  const file = new MemoryFile(patterned(8 * 131_100));
  const geometry = { blockSize: 8, blocks: 4, rollover: 1 } as const;
  const numbersOf = async (index: number): Promise<number[]> => {
    const { bytes } = await loadChunk(file, index, geometry);
    return [0, 1, 2, 3].map((block) => Buffer.from(bytes).readUInt16BE(block * 12 + 2));
  };
  expect(await numbersOf(65_536 / 4 - 1)).toEqual([65_533, 65_534, 65_535, 1]);
  expect(await numbersOf(65_536 / 4)).toEqual([2, 3, 4, 5]);
  expect(await numbersOf(131_068 / 4)).toEqual([65_534, 65_535, 1, 2]);
});

test("a file of exactly 65535 full blocks ends with an empty block 0", async () => {
  const file = new MemoryFile(patterned(8 * 65_535));
  const chunk = await loadChunk(file, 65_536 / 4 - 1, { blockSize: 8, blocks: 4, rollover: 0 });
  expect(chunk).toMatchObject({ firstBlock: 65_533, blockCount: 4, final: true });
  expect([...chunk.bytes.subarray(-4)]).toEqual([0, 3, 0, 0]);
});

test("a file that shrank is an error, not a short file", async () => {
  const file = new MemoryFile(patterned(1_000));
  file.bytes = file.bytes.subarray(0, 900);
  await expect(loadChunk(file, 0, { blockSize: 100, blocks: 16, rollover: 0 })).rejects.toMatchObject({
    name: "FileShrank",
  });
  await expect(loadChunk(file, 2, { blockSize: 100, blocks: 4, rollover: 0 })).rejects.toMatchObject({
    name: "FileShrank",
  });
  expect((await loadChunk(file, 1, { blockSize: 100, blocks: 4, rollover: 0 })).blockCount).toBe(4);
});
