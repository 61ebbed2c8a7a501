/**
 * Stands in for src/main/server/worker-entry.ts: threads then misbehave as `rootDir` says, in the words of
 * fake-behaviour.ts.
 */
export function workerEntry(): URL {
  return new URL("fake-worker.mjs", import.meta.url);
}
