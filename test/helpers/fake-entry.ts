/** For the option `workerUrl`: threads then misbehave as `rootDir` says, in the words of fake-behaviour.ts. */
export const fakeWorker: URL = new URL("fake-worker.mjs", import.meta.url);
