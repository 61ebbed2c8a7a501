/** The progress of a write. */
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
  report: ProgressListener | undefined,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let reportedAt = performance.now();
  for await (const chunk of chunks) {
    yield chunk;
    // The consumer asks for the next piece once it has written this one.
    bytes += chunk.length;
    if (performance.now() - reportedAt < INTERVAL_MS) continue;
    reportedAt = performance.now();
    report?.({ bytes, ...(total !== undefined && { total }) });
  }
  report?.({ bytes, ...(total !== undefined && { total }) });
}
