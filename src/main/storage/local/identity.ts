import type { BigIntStats } from "node:fs";
import { lstat } from "node:fs/promises";
import { TftpError } from "../../../contract/errors.ts";
import type { IdentifiedEntry } from "../backend.ts";
import type { Place } from "./jail.ts";

/**
 * What stays the same of a file or directory while it is renamed or written to. Its number alone would not do: file systems
 * give the number of a removed file to the next one. Zero as time of birth: this file system knows none.
 */
export function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`;
}

/** What is at that place now, as an entry for the created. */
export async function identify({ directory, name, path }: Place): Promise<IdentifiedEntry> {
  const stat = await lstat(directory.at(name), { bigint: true });
  if (!stat.isFile() && !stat.isDirectory()) {
    throw new TftpError("FORBIDDEN", `${path}: it is neither a regular file nor a directory`);
  }
  return { path, type: stat.isFile() ? "file" : "directory", identity: identityOf(stat) };
}
