import type { ProgressListener } from "./progress.ts";

export interface StorageOptions {
  readonly removeCreatedOnClose: boolean;
  /** False for none, or the directory for it. */
  readonly journal: boolean | string;
  readonly warn: (message: string, cause?: unknown) => void;
}

export interface WriteOptions {
  /** Gives the write up: it rejects with ABORTED once nothing of it is left. */
  readonly signal?: AbortSignal;
  /** Called at most four times a second, and at the end. What it throws ends the write. */
  readonly onProgress?: ProgressListener;
  /** How long the content is, in bytes, where that is known; only for the progress. */
  readonly total?: number;
  /**
   * Whether the content is on stable storage before it takes its name, so that after a power failure, too, there is the
   * old file whole or the new one whole. Default true. It takes as long as the disk takes.
   */
  readonly sync?: boolean;
}

export interface CreatedEntry {
  readonly path: string;
  readonly type: "file" | "directory";
}

export type HashAlgorithm = "sha256" | "md5";
