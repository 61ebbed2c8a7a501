/** Stands in for src/main/server/worker-entry.ts: the real thread, which also dies on demand, see crashes.ts. */
export const workerEntry: URL = new URL("crashing-worker.mjs", import.meta.url);
