/** How far a write has come. */
export interface WriteProgress {
  /** Written so far. */
  readonly bytes: number;
  /** All there is to write, if that is known. */
  readonly total?: number;
}

export type ProgressListener = (progress: WriteProgress) => void;

const INTERVAL_MS = 250;

/** Passes the pieces on, and reports how many bytes of them were taken: at most four times a second, and at the end. */
export async function* withProgress(
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
  tell: ProgressListener | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let told = performance.now();
  for await (const chunk of chunks) {
    yield chunk;
    // The consumer asks for the next piece once it has written this one.
    bytes += chunk.length;
    if (performance.now() - told < INTERVAL_MS) continue;
    told = performance.now();
    tell?.({ bytes, ...(total !== undefined && { total }) });
  }
  tell?.({ bytes, ...(total !== undefined && { total }) });
}
