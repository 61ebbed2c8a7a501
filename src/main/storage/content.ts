import type { FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import { unlessAborted } from "../../shared/abort.ts";

/** What can be written. Text goes out as UTF-8; what comes in pieces may come as text or as bytes. */
export type StorageContent =
  | string
  | Uint8Array
  | Readable
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/** Smaller pieces than this, in bytes, are gathered, so that none costs a system call of its own. */
const LARGE_BYTES = 64 * 1024;
const GATHERED_BYTES = 256 * 1024;

/**
 * The content as bytes, piece by piece; a piece is good until the next one is asked for, and none is taken in advance.
 * @throws {TftpError} the signal's reason, as soon as it fires; STORAGE_FAILED if the content itself fails.
 */
export function chunksOf(content: StorageContent, signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (typeof content === "string") return only(new TextEncoder().encode(content));
  if (content instanceof Uint8Array) return only(content);
  return gathered(pieces(content, signal));
}

/** What is in a file, from its start, always through the same memory. */
export async function* contentOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(GATHERED_BYTES);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(memory, 0, memory.length, at);
    if (bytesRead === 0) return;
    yield memory.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** @throws {TftpError} INVALID_OPTION */
export function checkContent(content: unknown): void {
  const written =
    typeof content === "string" ||
    content instanceof Uint8Array ||
    (typeof content === "object" && content !== null && Symbol.asyncIterator in content);
  if (written) return;
  const expected = "a string, a Uint8Array, a stream or an async iterable";
  throw new TftpError("INVALID_OPTION", `content: expected ${expected}, got ${showValue(content)}`);
}

/** In bytes; undefined if it is not known before all is read. */
export function lengthOf(content: StorageContent): number | undefined {
  if (typeof content === "string") return Buffer.byteLength(content);
  return content instanceof Uint8Array ? content.length : undefined;
}

/** Destroys a stream that will not be read on. */
export function discard(content: StorageContent): void {
  if (typeof content === "string" || content instanceof Uint8Array) return;
  if ("destroy" in content) content.destroy();
  else if ("cancel" in content && !content.locked) void content.cancel().catch(() => {});
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* pieces(
  content: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  const iterator = content[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const next = await nextOf(iterator, signal);
      ended = next.done === true;
      if (next.done) return;
      yield toBytes(next.value);
    }
  } finally {
    // Not awaited: an iterator that does not answer, which may be why we leave, does not answer to this either.
    if (!ended) void iterator.return?.().catch(() => {});
  }
}

async function nextOf<Value>(iterator: AsyncIterator<Value>, signal: AbortSignal): Promise<IteratorResult<Value>> {
  try {
    return await unlessAborted(iterator.next(), "write", signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new TftpError("STORAGE_FAILED", `the content to be written failed: ${String(error)}`, { cause: error });
  }
}

async function* gathered(small: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let buffer: Uint8Array | undefined;
  let filled = 0;
  for await (const piece of small) {
    const large = piece.length >= LARGE_BYTES;
    if (buffer && filled > 0 && (large || filled + piece.length > buffer.length)) {
      yield buffer.subarray(0, filled);
      filled = 0;
    }
    if (large) {
      yield piece;
      continue;
    }
    buffer ??= new Uint8Array(GATHERED_BYTES);
    buffer.set(piece, filled);
    filled += piece.length;
  }
  if (buffer && filled > 0) yield buffer.subarray(0, filled);
}

function toBytes(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  if (typeof piece === "string") return new TextEncoder().encode(piece);
  throw new TftpError("INVALID_OPTION", `content: expected pieces of text or bytes, got ${showValue(piece)}`);
}
