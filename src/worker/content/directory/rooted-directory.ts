import { resolve, sep } from "node:path";
import type { SymlinkPolicy } from "../../../contract/options/server-config.ts";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import { realPath } from "../fs.ts";
import { openRegular } from "../open-regular.ts";
import { OpenFiles } from "./open-files.ts";
import { bestLocate, deletedMark, type Locate, type OpenedFile } from "./location.ts";
import { isWorldReadable } from "./rooted-file.ts";
import { toRefused } from "../refusal.ts";

const SEPARATOR = Buffer.from(sep);
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** How often a file that is being replaced over and over is opened again before we give up. */
const ATTEMPTS = 3;

/** Which files may be read; read anew for each request, for it may change. */
export interface FileAccess {
  /** Only those that all users of the machine may read. */
  requireWorldReadable: boolean;
}

/**
 * The regular files under a directory. Each is found first, and then it is checked what was found, and that very file
 * is opened: a check of the name beforehand could be outrun by a change of a symlink.
 */
export class RootedDirectory implements ContentSource {
  readonly #path: Buffer;
  readonly #symlinks: SymlinkPolicy;
  readonly #locate: Locate;
  readonly #access: FileAccess;
  readonly #openFiles = new OpenFiles();
  /** The directory's real path; it changes if `#path` is a symlink that is pointed elsewhere. */
  #root: Buffer;

  private constructor(path: Buffer, root: Buffer, symlinks: SymlinkPolicy, locate: Locate, access: FileAccess) {
    this.#path = path;
    this.#root = root;
    this.#symlinks = symlinks;
    this.#locate = locate;
    this.#access = access;
  }

  /**
   * @param rootDir The directory; may be, or lead through, a symlink, whatever `symlinks` says.
   * @throws a system error (`code` ENOENT, ENOTDIR, EACCES) if there is no such directory.
   */
  static async open(
    rootDir: string,
    symlinks: SymlinkPolicy,
    locate: Locate = bestLocate(),
    access: FileAccess = { requireWorldReadable: false },
  ): Promise<RootedDirectory> {
    const path = Buffer.from(resolve(rootDir));
    return new RootedDirectory(path, await resolveRoot(path), symlinks, locate, access);
  }

  /** As it was given, absolute. */
  get path(): Buffer {
    return this.#path;
  }

  /**
   * @throws {Refused} "not-found", "outside-root", "not-a-file", "not-world-readable"; "forbidden" if the system denies access, or
   *   `symlinks` is "deny" and one is in the way; "read-error" if the system fails otherwise.
   */
  async open({ path: name }: FileName, request?: Pick<RequestContext, "isWanted">): Promise<ContentFile> {
    const path = join(this.#path, name);
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        // A stat follows symlinks, and "deny" must see them.
        const shared =
          this.#symlinks === "deny" ? undefined : await this.#openFiles.share(path, this.#access.requireWorldReadable);
        const file = shared ?? (await this.#tryOpen(path, name, request?.isWanted));
        if (file !== undefined) return file;
      }
    } catch (error) {
      throw toRefused(error);
    }
    throw new Refused("read-error", {
      cause: new Error("the file was replaced again and again while it was opened"),
    });
  }

  /** Holds nothing by itself. */
  async close(): Promise<void> {}

  async #tryOpen(
    path: Buffer,
    name: Uint8Array,
    isWanted: RequestContext["isWanted"],
  ): Promise<ContentFile | undefined> {
    const admit = (found: OpenedFile): Promise<boolean> => this.#admit(found, name);
    const file = await openRegular(path, this.#symlinks !== "deny", admit, isWanted);
    return file && this.#openFiles.hold(path, file);
  }

  /** False if the name stands for another file by now. */
  async #admit(found: OpenedFile, name: Uint8Array): Promise<boolean> {
    const location = await this.#locateIfNeeded(found);
    if (location === undefined) return false;
    if (!(await this.#isAllowed(location, name))) {
      throw new Refused(this.#symlinks === "deny" ? "forbidden" : "outside-root");
    }
    await this.#assertReadable(found);
    return true;
  }

  async #assertReadable(found: OpenedFile): Promise<void> {
    if (!this.#access.requireWorldReadable) return;
    const stat = await found.stat;
    if (stat.isFile() && !isWorldReadable(stat)) throw new Refused("not-world-readable");
  }

  async #locateIfNeeded(opened: OpenedFile): Promise<Buffer | undefined> {
    return this.#symlinks === "follow" ? opened.path : this.#locate(opened);
  }

  async #isAllowed(location: Buffer, name: Uint8Array): Promise<boolean> {
    if (this.#judge(location, name)) return true;
    this.#root = await resolveRoot(this.#path);
    return this.#judge(location, name);
  }

  #judge(location: Buffer, name: Uint8Array): boolean {
    if (this.#symlinks === "follow") return true;
    if (this.#symlinks === "deny") {
      const literal = join(this.#root, name);
      // The mark cannot be another file's name: O_NOFOLLOW vouches for the last part.
      return location.equals(literal) || location.equals(Buffer.concat([literal, deletedMark]));
    }
    // With a separator behind it, the root itself counts as inside; that it is no file is for others to say.
    return Buffer.concat([location, SEPARATOR]).subarray(0, this.#root.length).equals(this.#root);
  }
}

/** The directory's real path, with a separator at its end: a sibling that only shares the prefix is outside. */
async function resolveRoot(path: Buffer): Promise<Buffer> {
  // The dot makes anything but a directory fail.
  const root = await realPath(Buffer.concat([path, SEPARATOR, Buffer.from(".")]));
  return endsWithSeparator(root) ? root : Buffer.concat([root, SEPARATOR]);
}

function join(directory: Buffer, name: Uint8Array): Buffer {
  const path = endsWithSeparator(directory)
    ? Buffer.concat([directory, name])
    : Buffer.concat([directory, SEPARATOR, name]);
  if (sep !== "/") for (let at = directory.length; at < path.length; at++) if (path[at] === SLASH) path[at] = BACKSLASH;
  return path;
}

function endsWithSeparator(path: Buffer): boolean {
  return path.at(-1) === SEPARATOR[0];
}
