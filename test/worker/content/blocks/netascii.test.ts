import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NetasciiFile } from "../../../../src/worker/content/blocks/netascii.ts";
import { MemoryFile } from "../fixtures.ts";

/** RFC 764 by the letter. */
function naive(content: Uint8Array): Buffer {
  const pairs: Record<number, number[]> = { 10: [13, 10], 13: [13, 0] };
  return Buffer.from(Array.from(content, (byte) => pairs[byte] ?? [byte]).flat());
}

async function translated(content: Buffer, position = 0, length = 3 * content.length + 10): Promise<Buffer> {
  const target = Buffer.alloc(length, 0xee);
  const count = await new NetasciiFile(new MemoryFile(content)).read(target, position);
  return target.subarray(0, count);
}

describe("golden bytes", () => {
  test.each([
    ["nothing", "", ""],
    ["no line end", "abc", "abc"],
    ["LF", "a\nb\n", "a\r\nb\r\n"],
    ["CR", "a\rb\r", "a\r\0b\r\0"],
    ["CR LF, which are two characters here", "a\r\nb", "a\r\0\r\nb"],
    ["LF CR", "\n\r", "\r\n\r\0"],
    ["NUL and bytes over 0x7f, which are left alone", "\0\xff\n", "\0\xff\r\n"],
  ])("netascii translates as RFC 764 says: %s", async (_, source, expected) => {
    const result = await translated(Buffer.from(source, "latin1"));
    expect(result.toString("latin1")).toBe(expected);
  });
});

test("every part of a translation can be read by itself, also if it begins or ends within a pair", async () => {
  const content = Buffer.from("a\n\rb\r\n\n\n\rcd\r");
  const whole = naive(content);
  for (let position = 0; position <= whole.length + 1; position += 1) {
    for (let length = 0; length <= whole.length - position + 1; length += 1) {
      const part = await translated(content, position, length);
      expect(part.equals(whole.subarray(position, position + length)), `${position}+${length}`).toBe(true);
    }
  }
});

test("netascii reads of any size in any order agree with a naive translation", async () => {
  const content = fc.array(fc.constantFrom(10, 13, 0, 97), { maxLength: 200 });
  const reads = fc.array(fc.tuple(fc.nat(420), fc.nat(60)), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(content, reads, async (bytes, places) => {
      const whole = naive(Buffer.from(bytes));
      const file = new NetasciiFile(new MemoryFile(Buffer.from(bytes)));
      for (const [position, length] of places) {
        const target = Buffer.alloc(length);
        const count = await file.read(target, position);
        expect(target.subarray(0, count).equals(whole.subarray(position, position + length))).toBe(true);
      }
    }),
  );
});

test("a netascii read writes nothing outside the target", async () => {
  const padded = Buffer.alloc(7, 0xee);
  const file = new NetasciiFile(new MemoryFile(Buffer.from("\n\n\n\n")));
  expect(await file.read(padded.subarray(2, 5), 1)).toBe(3);
  expect([...padded]).toEqual([0xee, 0xee, 10, 13, 10, 0xee, 0xee]);
});

describe("a big file", () => {
  // Every stride of it translates to another length.
  const content = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at % (2 + (at >>> 15)) === 0 ? 10 : 97)));
  const whole = naive(content);

  test("parallel and backward reads of a big translated file agree", async () => {
    const file = new NetasciiFile(new MemoryFile(content));
    const agree = async (position: number) => {
      const target = Buffer.alloc(50_001);
      const count = await file.read(target, position);
      expect(target.subarray(0, count).equals(whole.subarray(position, position + target.length))).toBe(true);
    };
    await Promise.all([300_000, 0, 150_001, 50_001, 77].map(agree));
    for (const position of [whole.length - 3, 65_535, 65_536, 65_537, 131_072, 400_000, 1]) await agree(position);
  });

  test("in a big translated file reading on costs no byte twice, and reading back at most two strides", async () => {
    const source = new MemoryFile(content);
    const file = new NetasciiFile(source);
    const target = Buffer.alloc(10_000);
    for (let position = 0; position < whole.length; position += target.length) await file.read(target, position);
    const again = source.reads.filter((position, index) => position <= (source.reads[index - 1] ?? -1));
    expect(again).toEqual([]);
    source.reads.length = 0;
    await file.read(target, 300_000);
    const from = source.reads[0]!;
    expect(naive(content.subarray(0, from)).length).toBeGreaterThan(300_000 - 2 * 65_536);
  });
});

test("a translated source that shrank is an error", async () => {
  const source = new MemoryFile(Buffer.from("a\nb\nc\n"));
  source.bytes = source.bytes.subarray(0, 3);
  await expect(new NetasciiFile(source).read(Buffer.alloc(20), 0)).rejects.toMatchObject({ name: "FileShrank" });
});

test("a translated file has its source's identity, no size, and closes its source", async () => {
  const source = new MemoryFile(Buffer.from("x"), { identity: "etag", settledFrom: 5 });
  const file = new NetasciiFile(source);
  expect(file).toMatchObject({ size: undefined, identity: "etag", settledFrom: 5 });
  await file.close();
  expect(source.closes).toBe(1);
});
