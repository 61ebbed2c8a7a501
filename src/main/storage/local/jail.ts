import { mkdir, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { TftpError } from "../../../contract/errors.ts";
import type { SymlinkPolicy } from "../../../contract/options/server-config.ts";
import { hasCode, unless } from "../failure.ts";
import { makeDirectories } from "../../../shared/files/ensure-directory.ts";
import { outsideRoot } from "../path.ts";
import { PinnedDirectory } from "./pinned-directory.ts";

/**
 * A name in a directory that was checked to be inside. What it stands for, if anything, must not be followed blindly.
 */
export interface Place {
  /** The caller that entered the place must close it. */
  readonly directory: PinnedDirectory;
  readonly name: string;
  /** Relative to the root; through no symbolic link if the place is inside. */
  readonly path: string;
}

/** Called for each directory that had to be made, while it is open. */
export type DirectoryCreated = (directory: Place) => Promise<void>;

/**
 * Finds directories under the root, and none elsewhere. Each is opened first, and then it is checked what was opened.
 */
export class Jail {
  readonly #rootDir: string;
  readonly #symlinks: SymlinkPolicy;

  constructor(rootDir: string, symlinks: SymlinkPolicy) {
    this.#rootDir = resolve(rootDir);
    this.#symlinks = symlinks;
  }

  /** The root's real path. */
  root(): Promise<string> {
    return realpath(this.#rootDir);
  }

  /** The same root, in which nothing is found through a symbolic link. The root itself may be one. */
  withoutLinks(): Jail {
    return new Jail(this.#rootDir, "deny");
  }

  /**
   * Opens the directory of that path.
   * @throws {TftpError} PATH_OUTSIDE_ROOT; FORBIDDEN for a link under the policy "deny".
   * @throws a system error.
   */
  async openDirectory(path: string): Promise<PinnedDirectory> {
    return (await this.#open(path)).directory;
  }

  /**
   * Enters the place of that path; a link at its end is not followed, as `enterTarget` does.
   * @param made Given if missing directories on the way shall be made.
   */
  async enter(path: string, made?: DirectoryCreated): Promise<Place> {
    const parent = parentOf(path);
    try {
      return placeIn(await this.#open(parent), parent, path);
    } catch (error) {
      if (!made || !hasCode(error, "ENOENT")) throw error;
    }
    await this.makeDirectories(parent, made);
    return placeIn(await this.#open(parent), parent, path);
  }

  /** The same for the time of some work. */
  async at<Value>(path: string, work: (place: Place) => Promise<Value>): Promise<Value> {
    const place = await this.enter(path);
    return await place.directory.during(() => work(place));
  }

  /**
   * Enters the place to which the path leads, if there is a link at its end.
   * @throws {TftpError} PATH_OUTSIDE_ROOT; FORBIDDEN for a link under the policy "deny".
   */
  async enterTarget(path: string, made?: DirectoryCreated): Promise<Place> {
    const place = await this.enter(path, made);
    const link = await linkAt(place);
    if (link === undefined) return place;
    if (this.#symlinks === "deny") throw linkInTheWay(path);
    // A link that leads nowhere is refused with ENOENT: what it was meant to lead to is unknown.
    const [target, root] = await Promise.all([realpath(link), this.root()]);
    if (isInside(target, root)) return this.enter(slashed(relative(root, target)));
    if (this.#symlinks !== "follow") throw outsideRoot(path);
    return { directory: await PinnedDirectory.open(dirname(target)), name: basename(target), path };
  }

  /** Makes the directory, and those on the way to it. The root is never entered as made. */
  async makeDirectories(path: string, made: DirectoryCreated): Promise<void> {
    await makeDirectories(this.#rootDir);
    const parts = path === "" ? [] : path.split("/");
    for (let count = 1; count <= parts.length; count += 1) {
      await this.at(parts.slice(0, count).join("/"), async (place) => {
        const isNew = await unless(
          mkdir(place.directory.at(place.name)).then(() => true),
          "EEXIST",
        );
        if (isNew) await made(place);
      });
    }
    // What was there already may be a file, or lead out.
    await (await this.openDirectory(path)).close();
  }

  async #open(path: string): Promise<Opened> {
    const directory = await PinnedDirectory.open(join(this.#rootDir, path));
    try {
      const root = await this.root();
      this.#check(directory.location, root, path);
      return { directory, root };
    } catch (error) {
      await directory.close();
      throw error;
    }
  }

  #check(location: string, root: string, path: string): void {
    if (this.#symlinks === "follow") return;
    if (this.#symlinks === "deny" && location !== join(root, path)) throw linkInTheWay(path);
    if (!isInside(location, root)) throw outsideRoot(path);
  }
}

interface Opened {
  readonly directory: PinnedDirectory;
  /** The root's real path. */
  readonly root: string;
}

function placeIn({ directory, root }: Opened, parent: string, path: string): Place {
  if (path === "") return { directory, name: ".", path };
  const real = isInside(directory.location, root) ? slashed(relative(root, directory.location)) : parent;
  const name = basename(path);
  return { directory, name, path: real === "" ? name : `${real}/${name}` };
}

/** The real path of the link at that place, which is left then; undefined if there is no link. */
async function linkAt({ directory, name }: Place): Promise<string | undefined> {
  try {
    // EINVAL: something is there, but no link; Windows says UNKNOWN.
    const link = await unless(readlink(directory.at(name)), "ENOENT", "EINVAL", "UNKNOWN");
    if (link === undefined) return undefined;
  } catch (error) {
    await directory.close();
    throw error;
  }
  await directory.close();
  return join(directory.location, name);
}

function parentOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** With a separator behind both, the root itself is inside, and a sibling that shares its prefix is not. */
function isInside(location: string, root: string): boolean {
  return `${location}${sep}`.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

function slashed(path: string): string {
  return sep === "/" ? path : path.replaceAll(sep, "/");
}

function linkInTheWay(path: string): TftpError {
  return new TftpError("FORBIDDEN", `${path}: a symbolic link is in the way`);
}
