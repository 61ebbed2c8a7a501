import { type FileHandle, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { addAbortSignal } from "node:stream";
import { TftpError } from "../../contract/errors.ts";
import type { StorageBackend } from "./backend.ts";
import { attempt, toFailure, unless } from "./failure.ts";
import { withProgress } from "./progress.ts";
import { changeMode, createFile, syncData } from "../../shared/files/new-file.ts";
import type { ReadOptions, WriteResult } from "./types.ts";
import { nodeCrypto } from "../../shared/lazy-builtins.ts";

/**
 * Reads a file of storage into a file of this machine: under a temporary name beside it, which is renamed once all is
 * written. So the local file is complete, or as it was. A symbolic link stays, and the file behind it is replaced.
 * @throws {TftpError} NOT_FOUND, FORBIDDEN, STORAGE_FAILED about either path; the signal's reason.
 */
export async function readIntoFile(
  backend: StorageBackend,
  from: string,
  localPath: string,
  signal: AbortSignal,
  options: ReadOptions,
): Promise<WriteResult> {
  const entry = await backend.stat(from);
  const content = addAbortSignal(signal, await backend.read(from));
  try {
    return await writeWhole(localPath, withProgress(content, entry?.size, options.onProgress), signal, options);
  } catch (error) {
    signal.throwIfAborted();
    throw toFailure(error, from);
  } finally {
    content.destroy();
  }
}

async function writeWhole(
  localPath: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  { sync = true }: ReadOptions,
): Promise<WriteResult> {
  const { path, mode } = await findTarget(localPath);
  const temporary = join(dirname(path), `.${basename(path)}.${nodeCrypto().randomBytes(6).toString("hex")}.part`);
  const file = await attempt(localPath, () => createFile(temporary, { sync, mode }));
  try {
    const bytes = await copyTo(file, localPath, content, signal);
    if (mode !== undefined) await attempt(localPath, () => changeMode(file, mode));
    if (sync) await attempt(localPath, () => syncData(file));
    await file.close();
    signal.throwIfAborted();
    await attempt(localPath, () => rename(temporary, path));
    return { bytes, created: mode === undefined };
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

interface LocalTarget {
  readonly path: string;
  /** The permissions of the file that is to be replaced; undefined if there is none. */
  readonly mode: number | undefined;
}

async function findTarget(localPath: string): Promise<LocalTarget> {
  const found = await attempt(localPath, () => unless(stat(localPath), "ENOENT"));
  if (!found) return { path: localPath, mode: undefined };
  if (found.isFile()) {
    return { path: await attempt(localPath, () => realpath(localPath)), mode: found.mode & 0o777 };
  }
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
