import { lstat, rename, rmdir, unlink } from "node:fs/promises";
import type { CreatedEntries, IdentifiedEntry, Removal } from "../backend.ts";
import { hasCode, unless } from "../failure.ts";
import { identityOf, UNIDENTIFIED } from "./identity.ts";
import type { Jail, Place } from "./jail.ts";

/** Renames what is at the one place to the other, and keeps the created. */
export async function renamePlace(source: Place, target: Place, created: CreatedEntries): Promise<void> {
  const [from, to] = [source.directory.at(source.name), target.directory.at(target.name)];
  const occupied = (await unless(lstat(to), "ENOENT")) !== undefined;
  // What was there before stays what was there before, whatever its content is from now on.
  if (!occupied || created.get(target.path)) return created.move(source.path, target.path, () => rename(from, to));
  await rename(from, to);
  await created.forget(source.path);
}

/** @param jail In which nothing is found through a symbolic link. */
export async function removeCreated(jail: Jail, { path, type, identity }: IdentifiedEntry): Promise<Removal> {
  try {
    return await jail.at(path, async ({ directory, name }) => {
      const target = directory.at(name);
      const current = identityOf(await lstat(target, { bigint: true }));
      if (current !== identity) return "replaced";
      if (identity === UNIDENTIFIED) return "unidentified";
      await (type === "file" ? unlink(target) : rmdir(target));
      return "removed";
    });
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "gone";
    if (hasCode(error, "ENOTEMPTY", "EEXIST")) return "in-use";
    // A part of the way is a file or a link by now; the jail says so by a code of ours.
    if (hasCode(error, "ENOTDIR", "ELOOP", "FORBIDDEN", "PATH_OUTSIDE_ROOT")) return "replaced";
    throw error;
  }
}
