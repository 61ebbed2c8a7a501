import type { Extent } from "./extents.ts";

/** Where the extents of one object are kept once they were fetched: in memory, or in the cache on disk. */
export interface ExtentStore {
  has(extent: Extent): boolean;
  /** Fills `target` from the extent, from `offset` in it on, and resolves with how much that was; 0 where it is gone. */
  read(extent: Extent, offset: number, target: Uint8Array): Promise<number>;
  /** Never rejects: what cannot be kept will be fetched again. */
  put(extent: Extent, bytes: Uint8Array): Promise<void>;
  /** Nothing is kept any more. Never rejects. */
  close(): Promise<void>;
}
