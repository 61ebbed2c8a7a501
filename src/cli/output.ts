import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import type { Writable } from "node:stream";

/** The destination of fetched bytes. */
export interface Output {
  readonly stream: Writable;
  /** Resolves once everything is written and has its final name. */
  commit(): Promise<void>;
  /** Removes what was written, after a failure. */
  discard(): Promise<void>;
}

/**
 * Opens a file, or stdout for `-`. A regular file is replaced as a whole, by commit(); a device or FIFO is written to
 * directly.
 * @throws {Error} if it cannot be written; the message names `out`.
 */
export async function openOutput(out: string): Promise<Output> {
  if (out === "-") return { stream: process.stdout, commit: async () => {}, discard: async () => {} };
  const stats = await stat(out).catch(absent);
  if (stats?.isDirectory()) throw new Error(`${out}: is a directory`);
  if (stats && !stats.isFile()) return await open(out, out);
  // The target of a symbolic link is replaced, not the link.
  const path = stats ? await realpath(out) : out;
  return await open(path, join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.part`));
}

/** Writes to `written`, which commit() renames to `path`. They are the same if there is nothing to replace. */
async function open(path: string, written: string): Promise<Output> {
  const stream = createWriteStream(written, { flags: path === written ? "w" : "wx" });
  await once(stream, "open").catch((error: Error) => {
    throw new Error(`${path}: ${error.message}`, { cause: error });
  });
  return {
    stream,
    commit: async () => {
      stream.end();
      await finished(stream);
      if (path !== written) await rename(written, path);
    },
    discard: async () => {
      stream.destroy();
      await finished(stream).catch(() => {});
      if (path !== written) await rm(written, { force: true });
    },
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
