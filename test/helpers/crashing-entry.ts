import { entryOf } from "../../src/shared/source-entry.ts";

// Threads begin with a copy of the environment; the search part of an entry's URL does not reach them on Node 20.
process.env["TFTP_CRASHING_ENTRY"] = entryOf("worker").href;

/** For the option `workerUrl`: the real thread, which also dies on demand, see crashes.ts. */
export const crashingWorker: URL = new URL("crashing-worker.mjs", import.meta.url);
