import type { Dirent, Stats } from "node:fs";
import { lstat, readdir, rmdir, unlink } from "node:fs/promises";
import { isTemporaryName } from "../../../contract/temporary-name.ts";
import type { StorageEntry } from "../backend.ts";
import { unless } from "../failure.ts";
import { PinnedFolder } from "./pinned-folder.ts";

/** What went away since its folder was read, or is no folder any more. */
const vanished = ["ENOENT", "ENOTDIR", "ELOOP"] as const;

/** What is in the folder, and under it if asked for; `path` is the folder's own. Passes through no symbolic link. */
export async function listTree(folder: PinnedFolder, path: string, recursive: boolean): Promise<StorageEntry[]> {
  const entries: StorageEntry[] = [];
  for (const dirent of await readdir(folder.at("."), { withFileTypes: true })) {
    if (isTemporaryName(dirent.name)) continue;
    const stat = await unless(lstat(folder.at(dirent.name)), ...vanished);
    if (stat === undefined) continue;
    const entry = toEntry(path === "" ? dirent.name : `${path}/${dirent.name}`, stat);
    entries.push(entry);
    if (!recursive || entry.type !== "folder") continue;
    const below = inChild(folder, dirent, (child) => listTree(child, entry.path, true));
    entries.push(...((await unless(below, ...vanished)) ?? []));
  }
  return entries;
}

/** Removes everything in the folder, and under it. Passes through no symbolic link. */
export async function emptyTree(folder: PinnedFolder): Promise<void> {
  for (const dirent of await readdir(folder.at("."), { withFileTypes: true })) {
    if (dirent.isDirectory()) {
      await unless(inChild(folder, dirent, emptyTree), ...vanished);
      await unless(rmdir(folder.at(dirent.name)), ...vanished);
    } else await unless(unlink(folder.at(dirent.name)), ...vanished);
  }
}

export function toEntry(path: string, stat: Stats): StorageEntry {
  const modifiedAt = Math.round(stat.mtimeMs);
  if (stat.isFile()) return { path, type: "file", size: stat.size, modifiedAt };
  if (stat.isDirectory()) return { path, type: "folder", modifiedAt };
  return { path, type: stat.isSymbolicLink() ? "symlink" : "other", modifiedAt };
}

async function inChild<Value>(
  folder: PinnedFolder,
  { name }: Dirent,
  work: (child: PinnedFolder) => Promise<Value>,
): Promise<Value> {
  const child = await PinnedFolder.open(folder.at(name), false);
  return await child.during(() => work(child));
}
