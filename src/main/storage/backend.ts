import type { Readable } from "node:stream";
import type { StorageEntry, WriteResult } from "./types.ts";

export type { StorageEntry, WriteResult } from "./types.ts";

/** A file or directory created by this session. `identity` lets close() verify that it is still the same one. */
export interface IdentifiedEntry {
  readonly path: string;
  readonly type: "file" | "directory";
  /** Of a local file its device, inode and time of birth, or of the last write; of an object its etag. */
  readonly identity: string;
}

/**
 * The list in which a backend enters what it creates, so that close(), or after a crash the next start, can remove it.
 * Each promise resolves once the entry would survive a crash of the process: if possible, it is made before the deed.
 */
export interface CreatedEntries {
  /** What was made there, as far as is known. */
  get(path: string): IdentifiedEntry | undefined;
  /** A file that is going to be written to; it is removed, whatever happens. */
  addTemporary(path: string): Promise<void>;
  /** It was renamed or removed. */
  dropTemporary(path: string): void;
  /** Even if it is there already: it has a new identity then. */
  add(entry: IdentifiedEntry): Promise<void>;
  /** It was removed, with everything under it, or it turned out not to be made by us. */
  forget(path: string): Promise<void>;
  /** Renames it, with everything under it, by calling `rename`. */
  move(from: string, to: string, rename: () => Promise<void>): Promise<void>;
}

/**
 * What became of something made: `gone` before we came; `replaced` by something that is not ours, or behind a symbolic
 * link by now; `in-use`: a directory that holds what others put there; `unidentified`: a directory on a file system
 * that knows no time of birth, so that it may be another one with the same number.
 */
export type Removal = "removed" | "gone" | "replaced" | "in-use" | "unidentified";

export interface BackendWriteOptions {
  /** Once it fires, the write must leave nothing behind. `content` ends with an error then, too. */
  readonly signal: AbortSignal;
  /** Whether the content must be on stable storage before it takes its name. */
  readonly sync: boolean;
}

/**
 * The place where storage keeps its files: a local directory, an object store. Paths are `StorageEntry.path`:
 * normalised, without `..` and without temporary names. Whatever leaves the root is refused with PATH_OUTSIDE_ROOT.
 * Every method rejects with a TftpError: NOT_FOUND, FORBIDDEN, PATH_OUTSIDE_ROOT, STORAGE_FAILED, SOURCE_UNAVAILABLE.
 */
export interface StorageBackend {
  /** Names what is stored to, the same for each driver on it: a real path, or a URL without credentials. */
  location(): Promise<string>;
  /** Undefined if there is nothing. */
  stat(path: string): Promise<StorageEntry | undefined>;
  /** What is in a directory, in any order; `recursive` goes through no symbolic link. Without temporary names. */
  list(path: string, recursive: boolean): Promise<StorageEntry[]>;
  /** The stream holds what it needs until it is consumed or destroyed. */
  read(path: string): Promise<Readable>;
  /**
   * A reader gets meanwhile the old file whole or the new one whole. Makes the directories on the way.
   * @param content A piece is good until the next one is asked for.
   */
  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: BackendWriteOptions,
    created: CreatedEntries,
  ): Promise<WriteResult>;
  /** With the directories on the way. No error if it exists already. */
  createDir(path: string, created: CreatedEntries): Promise<void>;
  /** A file or a directory; a file takes the place of another one. Makes the directories on the way. */
  rename(from: string, to: string, created: CreatedEntries): Promise<void>;
  /** A file, a symbolic link, or an empty directory. */
  delete(path: string, created: CreatedEntries): Promise<void>;
  /**
   * With everything under it, through no symbolic link; of the root only what is in it. No error if there is nothing.
   */
  removeAll(path: string, created: CreatedEntries): Promise<void>;
  /** What is there now, as if it had just been made. */
  identify(path: string): Promise<IdentifiedEntry>;
  /** Removes something made, if it is still the same: an empty directory, a file; through no symbolic link. */
  remove(entry: IdentifiedEntry): Promise<Removal>;
  /** Removes what an interrupted write has left; no error if there is nothing. */
  removeTemporary(path: string): Promise<void>;
  close(): Promise<void>;
}
