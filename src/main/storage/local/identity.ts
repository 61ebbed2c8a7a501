import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { TftpError } from "../../../contract/errors.ts";
import type { IdentifiedEntry } from "../backend.ts";
import type { Place } from "./jail.ts";

/**
 * What stays the same of a file or directory while it is renamed. Its number alone would not do: file systems give the
 * number of a removed file to the next one. Some know no time of birth (NFS, ramfs, older tmpfs): the size and the time
 * of the last write take its place for a file, which is not ours any more once it was written to. Of a directory
 * nothing can.
 */
export function identityOf(stat: BigIntStats): string {
  const { dev, ino, birthtimeNs, size, mtimeNs } = stat;
  if (birthtimeNs > 0n) return `${dev}:${ino}:${birthtimeNs}`;
  return stat.isFile() ? `${dev}:${ino}:0:${size}:${mtimeNs}` : UNIDENTIFIED;
}

/** In place of an identity: it cannot be known later whether it is still the same, and so it is not removed. */
export const UNIDENTIFIED = "unidentified";

/** What is at that place now, as an entry for the created. */
export async function identify({ directory, name, path }: Place): Promise<IdentifiedEntry> {
  const stat = await lstat(directory.at(name), { bigint: true });
  if (!stat.isFile() && !stat.isDirectory()) {
    throw new TftpError("FORBIDDEN", `${path}: it is neither a regular file nor a directory`);
  }
  return { path, type: stat.isFile() ? "file" : "directory", identity: identityOf(stat) };
}
