import { randomBytes } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { TftpError } from "../../contract/errors.ts";
import { attempt, unless } from "./failure.ts";
import { withProgress } from "./progress.ts";
import type { ReadOptions, WriteResult } from "./types.ts";

/**
 * Writes a stream to a file of this machine: under a temporary name beside it, which is renamed once all is written. So
 * the file is complete, or it is as it was. A symbolic link stays, and the file behind it is replaced.
 * @param total The stream's length in bytes, if it is known; for the progress.
 * @throws {TftpError} NOT_FOUND, FORBIDDEN, STORAGE_FAILED about the local path; the signal's reason; what the stream
 *   fails with.
 */
export async function writeLocalFile(
  localPath: string,
  content: Readable,
  total: number | undefined,
  signal: AbortSignal,
  { onProgress, sync = true }: Omit<ReadOptions, "signal">,
): Promise<WriteResult> {
  const { path, isNew } = await findTarget(localPath);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`);
  const file = await attempt(localPath, () => open(temporary, "wx"));
  try {
    const bytes = await copyTo(file, localPath, withProgress(content, total, onProgress), signal);
    if (sync) await attempt(localPath, () => file.datasync());
    await file.close();
    signal.throwIfAborted();
    await attempt(localPath, () => rename(temporary, path));
    return { bytes, created: isNew };
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

async function findTarget(localPath: string): Promise<{ readonly path: string; readonly isNew: boolean }> {
  const found = await attempt(localPath, () => unless(stat(localPath), "ENOENT"));
  if (!found) return { path: localPath, isNew: true };
  if (found.isFile()) return { path: await attempt(localPath, () => realpath(localPath)), isNew: false };
  throw new TftpError("FORBIDDEN", `${localPath}: it is ${found.isDirectory() ? "a directory" : "no regular file"}`);
}

async function copyTo(
  file: FileHandle,
  localPath: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  for await (const chunk of content) {
    signal.throwIfAborted();
    // One system call may take less than it was given.
    for (let at = 0; at < chunk.length;) at += await writeSome(file, localPath, chunk, at);
    bytes += chunk.length;
  }
  return bytes;
}

async function writeSome(file: FileHandle, localPath: string, chunk: Uint8Array, at: number): Promise<number> {
  return (await attempt(localPath, () => file.write(chunk, at))).bytesWritten;
}
