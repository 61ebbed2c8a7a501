import type { Extent } from "./extents.ts";

/** Keeps the fetched extents of one object: in memory, or in the cache on disk. */
export interface ExtentStore {
  has(extent: Extent): boolean;
  /**
   * Fills `target` from `offset` in the extent on, and resolves with how many bytes it got; 0 if the extent is gone.
   */
  read(extent: Extent, offset: number, target: Uint8Array): Promise<number>;
  /** Never rejects: what cannot be kept will be fetched again. */
  put(extent: Extent, bytes: Uint8Array): Promise<void>;
  /** Nothing is kept any more. Never rejects. */
  close(): Promise<void>;
}
