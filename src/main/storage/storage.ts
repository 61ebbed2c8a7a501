import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { TftpError } from "../../contract/errors.ts";
import { Driver, type MethodName } from "../driver.ts";
import type { StorageBackend } from "./backend.ts";
import { checkContent, chunksOf, contentOf, discard, lengthOf, type StorageContent } from "./content.ts";
import { attempt } from "./failure.ts";
import { checkAlgorithm, hashOf } from "./hash.ts";
import { readIntoFile } from "./local-file.ts";
import { Operations } from "./operations.ts";
import type { StorageOptions } from "./options.ts";
import { normalise, normaliseBelowRoot } from "./path.ts";
import { withProgress } from "./progress.ts";
import type { Leftover } from "./cleanup/removal.ts";
import { StorageSession } from "./cleanup/session.ts";
import type { CreatedEntry, HashAlgorithm, ReadOptions, StorageEntry, WriteOptions, WriteResult } from "./types.ts";

/**
 * Puts files where boards find them, whether the server runs or not. A board that fetches a file meanwhile gets the old
 * one whole or the new one whole.
 *
 * Paths are relative to the root; as with TFTP, a `/` at their start means the root too. Every method rejects with a
 * TftpError: PATH_OUTSIDE_ROOT for what leads out of the root, by `..` or by a symbolic link (as the option `symlinks`
 * says); NOT_FOUND, FORBIDDEN, STORAGE_FAILED as the place itself says; INVALID_OPTION, ABORTED, CLOSED.
 *
 * close() cancels what is under way. With `removeCreatedOnClose` it then removes what this session made: files, then
 * directories; not what was there before, nor what others have put in its place, and through no symbolic link.
 */
export class Storage extends Driver {
  override readonly name = "storage";
  override readonly clientClass = "jumpstarter_driver_opendal.client.OpendalClient";
  override readonly exportedMethods: readonly MethodName<Storage>[] = [
    "write",
    "writeFromPath",
    "read",
    "readBytes",
    "readIntoPath",
    "stat",
    "exists",
    "list",
    "createDir",
    "copy",
    "rename",
    "delete",
    "removeAll",
    "hash",
    "created",
    "register",
    "leftovers",
    "close",
  ];

  readonly #backend: StorageBackend;
  readonly #session: StorageSession;
  readonly #operations = new Operations();

  /** @internal */
  constructor(backend: StorageBackend, options: StorageOptions) {
    super();
    this.#backend = backend;
    this.#session = new StorageSession(backend, options);
  }

  /**
   * Removes what drivers on the same root left behind when they crashed. Once; everything else here waits for it. Never
   * rejects.
   * @internal
   */
  recover(): Promise<void> {
    return this.#session.recover();
  }

  /**
   * Writes a file, or replaces it. Makes the directories on the way. A stream is consumed, or destroyed.
   * If the path is a symbolic link, what it leads to is replaced.
   */
  async write(path: string, content: StorageContent, options: WriteOptions = {}): Promise<WriteResult> {
    checkContent(content);
    const total = options.total ?? lengthOf(content);
    try {
      const target = normaliseBelowRoot(path);
      return await this.#run("write", options.signal, (signal) => {
        const chunks = withProgress(chunksOf(content, signal), total, options.onProgress);
        return this.#backend.write(target, chunks, { signal, sync: options.sync ?? true }, this.#session.created);
      });
    } catch (error) {
      discard(content);
      throw error;
    }
  }

  /** Writes a file, or replaces it, from a file of this machine. */
  async writeFromPath(path: string, localPath: string, options: WriteOptions = {}): Promise<WriteResult> {
    const file = await attempt(localPath, () => open(localPath));
    try {
      const { size } = await file.stat();
      return await this.write(path, contentOf(file), { total: size, ...options });
    } finally {
      await file.close();
    }
  }

  /** The file's content, as it was when this resolved. The stream is to be consumed or destroyed. */
  async read(path: string): Promise<Readable> {
    const from = normaliseBelowRoot(path);
    return await this.#run("read", undefined, async () => this.#operations.lend(await this.#backend.read(from)));
  }

  async readBytes(path: string): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await this.read(path)) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  /**
   * Reads a file into a file of this machine, which is complete once this resolves, and otherwise as it was before.
   * `created` of the result says whether there was no such local file before.
   */
  async readIntoPath(path: string, localPath: string, options: ReadOptions = {}): Promise<WriteResult> {
    const from = normaliseBelowRoot(path);
    return await this.#run("readIntoPath", options.signal, (signal) =>
      readIntoFile(this.#backend, from, localPath, signal, options),
    );
  }

  async stat(path: string): Promise<StorageEntry> {
    const entry = await this.#find(path);
    if (entry === undefined) throw notFound(path);
    return entry;
  }

  async exists(path: string): Promise<boolean> {
    return (await this.#find(path)) !== undefined;
  }

  /** What is in that directory, by path. Symbolic links are listed as such, and not followed. */
  async list(path = "", options: { readonly recursive?: boolean | undefined } = {}): Promise<StorageEntry[]> {
    const directory = normalise(path);
    const entries = await this.#run("list", undefined, () => this.#backend.list(directory, options.recursive ?? false));
    return entries.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Creates a directory, with the directories on the way. No error if it exists already. */
  async createDir(path: string): Promise<void> {
    const directory = normalise(path);
    await this.#run("createDir", undefined, () => this.#backend.createDir(directory, this.#session.created));
  }

  /** Copies one file. */
  async copy(from: string, to: string, options: WriteOptions = {}): Promise<WriteResult> {
    const { size } = await this.stat(from);
    return await this.write(to, await this.read(from), { ...(size !== undefined && { total: size }), ...options });
  }

  /**
   * Renames a file or directory; a file takes the place of another one. What was made stays made, under its new name.
   */
  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [normaliseBelowRoot(from, "from"), normaliseBelowRoot(to, "to")];
    await this.#run("rename", undefined, () => this.#backend.rename(source, target, this.#session.created));
  }

  /** Removes a file, a symbolic link (not what it leads to), or an empty directory. */
  async delete(path: string): Promise<void> {
    const target = normaliseBelowRoot(path);
    await this.#run("delete", undefined, () => this.#backend.delete(target, this.#session.created));
  }

  /**
   * Removes it with everything under it, by whichever program created; of the root (`""`) what is in it. No error if it
   * does not exist.
   */
  async removeAll(path: string): Promise<void> {
    const target = normalise(path);
    await this.#run("removeAll", undefined, () => this.#backend.removeAll(target, this.#session.created));
  }

  /** Of the file's content, in hexadecimal. */
  async hash(path: string, algorithm: HashAlgorithm = "sha256"): Promise<string> {
    checkAlgorithm(algorithm);
    return await hashOf(await this.read(path), algorithm);
  }

  /** What this session made and has not removed again, by path. */
  async created(): Promise<CreatedEntry[]> {
    return this.#session.created.entries.map(({ path, type }) => ({ path, type }));
  }

  /** Counts a file or directory as made by this session: a directory itself, not what is in it. */
  async register(path: string): Promise<void> {
    const target = normaliseBelowRoot(path);
    await this.#run("register", undefined, async () => this.#session.created.add(await this.#backend.identify(target)));
  }

  /** After close(): what was made and not removed. */
  async leftovers(): Promise<readonly Leftover[]> {
    return this.#session.leftovers;
  }

  protected override async release(): Promise<void> {
    await this.#operations.end();
    try {
      await this.#session.end();
    } finally {
      await this.#backend.close();
    }
  }

  async #find(path: string): Promise<StorageEntry | undefined> {
    const target = normalise(path);
    return await this.#run("stat", undefined, () => this.#backend.stat(target));
  }

  #run<Value>(
    what: string,
    user: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<Value>,
  ): Promise<Value> {
    return this.#operations.run(what, user, async (signal) => {
      await this.recover();
      return await work(signal);
    });
  }
}

function notFound(path: string): TftpError {
  return new TftpError("NOT_FOUND", `${path}: there is no such file or directory`);
}
