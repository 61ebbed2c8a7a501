import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { sep } from "node:path";
import { hasProcDescriptors } from "../../../shared/files/proc-descriptors.ts";

/**
 * A directory that is in use: found and checked once, and not looked up by name again if the system allows that. On
 * Linux a path through a descriptor stays in the directory that was opened, whatever becomes of its name.
 */
export class PinnedDirectory {
  /** Its real path: absolute, without symbolic links. */
  readonly location: string;
  readonly #handle: FileHandle | undefined;

  private constructor(location: string, handle: FileHandle | undefined) {
    this.location = location;
    this.#handle = handle;
  }

  /**
   * @param follow False: a symbolic link as the last part is refused, with ENOTDIR.
   * @throws a system error; ENOTDIR if it is not a directory.
   */
  static async open(path: string, follow = true): Promise<PinnedDirectory> {
    const flags = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (follow ? 0 : (constants.O_NOFOLLOW ?? 0));
    if (!hasProcDescriptors()) return new PinnedDirectory(await locate(path, follow), undefined);
    const handle = await open(path, flags);
    try {
      return new PinnedDirectory(await readlink(`/proc/self/fd/${handle.fd}`), handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** A path to what is in it by that name; `.` is the directory itself. */
  at(name: string): string {
    // Not `join`, which takes a `.` away: what is left would name the descriptor instead of the directory.
    return `${this.#handle ? `/proc/self/fd/${this.#handle.fd}` : this.location}${sep}${name}`;
  }

  /** Works in it, and closes it. */
  async during<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    await this.#handle?.close();
  }
}

/** The real path, which others may change, for systems without paths through a descriptor. */
async function locate(path: string, follow: boolean): Promise<string> {
  const found = await (follow ? stat(path) : lstat(path));
  if (found.isDirectory()) return realpath(path);
  throw Object.assign(new Error(`ENOTDIR: not a directory, open '${path}'`), { code: "ENOTDIR" });
}
