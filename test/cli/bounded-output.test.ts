import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { BoundedOutput, flushed } from "../../src/cli/bounded-output.ts";

const line = "x".repeat(999);

test("to a reader that does not read, 256 KiB wait at most; what was left out is counted by kind, in its place", () => {
  const stream = new PassThrough({ highWaterMark: 1_024, readableHighWaterMark: 0 });
  const output = new BoundedOutput(stream, (lost) => `lost: ${JSON.stringify(lost)}`);
  for (let count = 0; count < 1_000; count++) output.write(line, count % 2 ? "odd" : "even");
  expect(stream.writableLength).toBeLessThanOrEqual(256 * 1_024);
  const early = readAll(stream);
  output.write("later", "odd");
  const late = readAll(stream);
  const lines = [...early, ...late].join("").trimEnd().split("\n");
  const kept = lines.filter((each) => each === line).length;
  const [lost = "", ...rest] = lines.slice(kept);
  expect(JSON.parse(lost.replace("lost: ", ""))).toEqual({
    even: 500 - Math.ceil(kept / 2),
    odd: 500 - Math.floor(kept / 2),
  });
  expect(rest).toEqual(["later"]);
});

test("a line that comes while a loss waits to be reported does not go before it, whatever room there is by then", async () => {
  const written: string[] = [];
  const reads: (() => void)[] = [];
  const stream = new Writable({
    highWaterMark: 1_024,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk.toString().trimEnd());
      reads.push(done);
    },
  });
  const output = new BoundedOutput(stream, (lost) => `lost: ${JSON.stringify(lost)}`);
  for (let count = 0; count < 300; count++) output.write(line, "line");
  // The reader takes half of it: there is room, and not all has been read.
  while (written.length < 130) {
    reads.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  output.write("in between", "later");
  while (stream.writableLength > 0) {
    reads.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(written).not.toContain("in between");
  expect(JSON.parse(written.at(-1)?.replace("lost: ", "") ?? "")).toEqual({ line: 38, later: 1 });
});

test("everything reaches a reader that keeps up", () => {
  const stream = new PassThrough({ highWaterMark: 1 << 20 });
  const output = new BoundedOutput(stream, () => "lost");
  for (let count = 0; count < 100; count++) output.write(line, "line");
  expect(readAll(stream).join("")).toBe(`${line}\n`.repeat(100));
});

test("the end waits until output is written, but not for a reader that does not read", async () => {
  const slow = new PassThrough();
  slow.write("x");
  expect(await flushed(slow)).toBe(true);
  const stuck = new Writable({ write: () => {} });
  stuck.write("x");
  expect(await flushed(stuck)).toBe(false);
});

function readAll(stream: PassThrough): string[] {
  const chunks: string[] = [];
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk === null) return chunks;
    chunks.push(chunk.toString());
  }
}
