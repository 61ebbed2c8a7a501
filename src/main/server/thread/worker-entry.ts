import { entryFile } from "../../../shared/entry-file.ts";

/**
 * The entry of the server's thread, `chosen` by the option `workerUrl`. No other file in main/ knows where it is.
 * @throws {TftpError} START_FAILED if it is not there.
 */
export function workerEntry(chosen?: string | URL): URL {
  return entryFile("workerUrl", chosen);
}
