import { runsFromSource, sourceEntry } from "../../shared/source-entry.ts";

/** Where the server's thread begins: the one place in main/ that knows. Bundlers recognise the literal path. */
export const workerEntry: URL = runsFromSource
  ? sourceEntry("worker")
  : new URL("../../worker/entry.js", import.meta.url);
