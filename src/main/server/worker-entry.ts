import { runsFromSource, sourceEntry } from "../../shared/source-entry.ts";

/** The entry of the server's thread. No other file in main/ knows its path. Bundlers recognise the literal path. */
export const workerEntry: URL = runsFromSource
  ? sourceEntry("worker")
  : new URL("../../worker/entry.js", import.meta.url);
