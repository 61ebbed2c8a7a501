import type { ProgressListener } from "./progress.ts";

/** What lies at a path. */
export interface StorageEntry {
  /** Relative to the root, `/` between its parts, none at its ends; "" is the root. */
  readonly path: string;
  /** A symbolic link is shown as such by `list` only; everything else looks at what it leads to. */
  readonly type: "file" | "directory" | "symlink" | "other";
  /** In bytes; of a file only. */
  readonly size?: number;
  /** In milliseconds since the epoch, if the backend knows it. */
  readonly modifiedAt?: number;
}

export interface WriteResult {
  /** How many were written. */
  readonly bytes: number;
  /** Whether there was no such file before. */
  readonly created: boolean;
}

export interface ReadOptions {
  /** Cancels the call: it rejects with ABORTED once nothing of it is left. */
  readonly signal?: AbortSignal | undefined;
  /** Called at most four times a second, and at the end. What it throws ends the call. */
  readonly onProgress?: ProgressListener | undefined;
  /**
   * Whether the content is on stable storage before it takes its name, so that after a power failure, too, there is the
   * old file whole or the new one whole. It takes as long as the disk takes.
   * @default true
   */
  readonly sync?: boolean | undefined;
}

export interface WriteOptions extends ReadOptions {
  /** How long the content is, in bytes, if that is known; only for the progress. */
  readonly total?: number | undefined;
}

/** Something that storage created and has not removed again. */
export interface CreatedEntry {
  readonly path: string;
  readonly type: "file" | "directory";
}

export type HashAlgorithm = "sha256" | "md5";
