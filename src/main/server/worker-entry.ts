import { entryOf } from "../../shared/source-entry.ts";

/** The entry of the server's thread. No other file in main/ knows where it is. */
export function workerEntry(): URL {
  return entryOf("worker");
}
