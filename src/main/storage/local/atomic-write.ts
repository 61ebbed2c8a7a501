import { type FileHandle, link, lstat, rename, rmdir, unlink } from "node:fs/promises";
import { TftpError } from "../../../contract/errors.ts";
import { temporaryName } from "../../../contract/text/temporary-name.ts";
import type { BackendWriteOptions, CreatedEntries, WriteResult } from "../backend.ts";
import { hasCode, unless } from "../failure.ts";
import { changeMode, createFile, syncData } from "../../../shared/files/new-file.ts";
import { identify, identityOf } from "./identity.ts";
import type { DirectoryCreated, Jail, Place } from "./jail.ts";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

/** How often the directory may vanish before we begin: a failing write takes away the directories that it made. */
const ATTEMPTS = 3;

/** What these say: this file system, or this file, knows no second name. Then a look before the rename must do. */
const linkless = ["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"] as const;

/** What a write has in hand before the first byte of the content. */
interface Beginning {
  readonly place: Place;
  /** The temporary one. */
  readonly name: string;
  readonly file: FileHandle;
  /** Of the file that is to be replaced. */
  readonly mode: number | undefined;
}

/** One write: to a temporary name in the directory of the file, and then, whole, to its place. Works once. */
export class AtomicWrite {
  readonly #jail: Jail;
  readonly #path: string;
  readonly #created: CreatedEntries;
  readonly #directories: string[] = [];

  constructor(jail: Jail, path: string, created: CreatedEntries) {
    this.#jail = jail;
    this.#path = path;
    this.#created = created;
  }

  async run(content: AsyncIterable<Uint8Array>, options: BackendWriteOptions): Promise<WriteResult> {
    try {
      return await this.#run(content, options);
    } catch (error) {
      await this.#removeDirectories();
      throw error;
    }
  }

  async #run(content: AsyncIterable<Uint8Array>, options: BackendWriteOptions): Promise<WriteResult> {
    const { place, name, file, mode } = await this.#begin(options);
    try {
      const written = await fill(file, content, options, mode);
      options.signal.throwIfAborted();
      return { bytes: written.bytes, created: await this.#publish(place, name, written.identity) };
    } finally {
      // If it was renamed, or never linked, there is none.
      await unless(unlink(place.directory.at(name)), "ENOENT");
      this.#created.dropTemporary(siblingOf(place, name));
      await place.directory.close();
    }
  }

  /** Opens the temporary file. Nothing of the content has been touched while this can still be tried again. */
  async #begin({ sync }: BackendWriteOptions): Promise<Beginning> {
    for (let attempt = 1; ; attempt += 1) {
      const place = await this.#jail.enterTarget(this.#path, this.#directoryMade);
      const name = temporaryName(nodeCrypto().randomBytes(8).toString("hex"));
      try {
        const mode = await modeAt(place);
        await this.#created.addTemporary(siblingOf(place, name));
        return { place, name, mode, file: await createFile(place.directory.at(name), { sync, mode }) };
      } catch (error) {
        await place.directory.close();
        this.#created.dropTemporary(siblingOf(place, name));
        if (attempt === ATTEMPTS || !hasCode(error, "ENOENT")) throw error;
      }
    }
  }

  /** Gives the file its name. Resolves with whether that was free. */
  async #publish(place: Place, temporary: string, identity: string): Promise<boolean> {
    const [from, to] = [place.directory.at(temporary), place.directory.at(place.name)];
    const before = this.#created.get(place.path);
    // Before the deed, so that no crash can lie between them; the identity shows later whether it was done.
    await this.#created.add({ path: place.path, type: "file", identity });
    try {
      // Of two writers of a new file at the same time, one gets the name: no check beforehand could find out which.
      if (await takeFreeName(from, to)) return true;
      if (!before) await this.#created.forget(place.path);
      await rename(from, to);
      return false;
    } catch (error) {
      await (before ? this.#created.add(before) : this.#created.forget(place.path));
      throw error;
    }
  }

  readonly #directoryMade: DirectoryCreated = async (place) => {
    this.#directories.push(place.path);
    await this.#created.add(await identify(place));
  };

  /** What others have put something into by now stays, and stays in the created. */
  async #removeDirectories(): Promise<void> {
    for (const path of this.#directories.toReversed()) {
      const removing = this.#jail.at(path, async ({ directory, name }) => {
        await rmdir(directory.at(name));
        return true;
      });
      const removed = await unless(removing, "ENOENT", "ENOTEMPTY", "EEXIST");
      if (removed) await this.#created.forget(path);
    }
  }
}

/** Writes it all, and closes the file. @param mode Of the file that it replaces, if there is one. */
async function fill(
  file: FileHandle,
  content: AsyncIterable<Uint8Array>,
  { signal, sync }: BackendWriteOptions,
  mode: number | undefined,
): Promise<{ bytes: number; identity: string }> {
  try {
    let bytes = 0;
    for await (const chunk of content) {
      signal.throwIfAborted();
      // One system call may take less than it was given.
      for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
      bytes += chunk.length;
    }
    // What may be done with a name is its owner's decision; a new version of the content changes nothing about that.
    if (mode !== undefined) await changeMode(file, mode);
    if (sync) await syncData(file);
    return { bytes, identity: identityOf(await file.stat({ bigint: true })) };
  } finally {
    await file.close();
  }
}

/**
 * The permissions of the file that is there, if any; without set-user-ID and its like, as after any other write.
 * @throws {TftpError} FORBIDDEN for what is no file, before the content is read for nothing.
 */
async function modeAt({ directory, name, path }: Place): Promise<number | undefined> {
  const stat = await unless(lstat(directory.at(name)), "ENOENT");
  if (stat === undefined) return undefined;
  if (stat.isFile()) return stat.mode & 0o777;
  throw new TftpError("FORBIDDEN", `${path}: it is ${stat.isDirectory() ? "a directory" : "no regular file"}`);
}

/** False if the name is taken. */
async function takeFreeName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    if (!hasCode(error, ...linkless)) throw error;
  }
  if ((await unless(lstat(to), "ENOENT")) !== undefined) return false;
  await rename(from, to);
  return true;
}

function siblingOf(place: Place, name: string): string {
  return place.path.slice(0, place.path.length - place.path.split("/").at(-1)!.length) + name;
}
