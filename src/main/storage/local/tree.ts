import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { isTemporaryName } from "../../../contract/text/temporary-name.ts";
import type { StorageEntry } from "../backend.ts";
import { unless } from "../failure.ts";
import { PinnedDirectory } from "./pinned-directory.ts";

/** What went away since its directory was read, or is not a directory any more. */
const vanished = ["ENOENT", "ENOTDIR", "ELOOP"] as const;

/**
 * What is in the directory, and under it if asked for; `path` is the directory's own. Passes through no symbolic link.
 */
export async function listTree(directory: PinnedDirectory, path: string, recursive: boolean): Promise<StorageEntry[]> {
  const entries: StorageEntry[] = [];
  for (const dirent of await readdir(directory.at("."), { withFileTypes: true })) {
    if (isTemporaryName(dirent.name)) continue;
    const stat = await unless(lstat(directory.at(dirent.name)), ...vanished);
    if (stat === undefined) continue;
    const entry = toEntry(path === "" ? dirent.name : `${path}/${dirent.name}`, stat);
    entries.push(entry);
    if (!recursive || entry.type !== "directory") continue;
    const below = inChild(directory, dirent, (child) => listTree(child, entry.path, true));
    entries.push(...((await unless(below, ...vanished)) ?? []));
  }
  return entries;
}

/** Removes everything in the directory, and under it. Passes through no symbolic link. */
export async function emptyTree(directory: PinnedDirectory): Promise<void> {
  for (const dirent of await readdir(directory.at("."), { withFileTypes: true })) {
    if (dirent.isDirectory()) {
      await unless(inChild(directory, dirent, emptyTree), ...vanished);
      await unless(rmdir(directory.at(dirent.name)), ...vanished);
    } else await unless(unlink(directory.at(dirent.name)), ...vanished);
  }
}

export function toEntry(path: string, stat: Stats): StorageEntry {
  const modifiedAt = Math.round(stat.mtimeMs);
  if (stat.isFile()) return { path, type: "file", size: stat.size, modifiedAt };
  if (stat.isDirectory()) return { path, type: "directory", modifiedAt };
  return { path, type: stat.isSymbolicLink() ? "symlink" : "other", modifiedAt };
}

async function inChild<Value>(
  directory: PinnedDirectory,
  { name }: Dirent,
  work: (child: PinnedDirectory) => Promise<Value>,
): Promise<Value> {
  const child = await PinnedDirectory.open(directory.at(name), false);
  return await child.during(() => work(child));
}
