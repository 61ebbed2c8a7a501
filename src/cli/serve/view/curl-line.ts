import { reachable } from "../../../main/client/reachable.ts";
import { printable } from "../../../status/text/format.ts";
import { formatTftpUrl } from "../../get/tftp-url.ts";
import { findServedFile } from "./find-served-file.ts";

/** What is served, as far as an example of it is concerned. */
export interface Served {
  /** Undefined with the option `source`: the root directory is not served then. */
  readonly rootDir: string | undefined;
  /** Virtual files of the configuration file: names or globs. */
  readonly patterns: readonly string[];
}

/**
 * A command that a newcomer can paste to fetch a file, or a line saying that there is none yet. Undefined if neither
 * can be said. Never rejects: an example is not worth a failed start.
 */
export async function curlLine({ rootDir, patterns }: Served, host: string, port: number): Promise<string | undefined> {
  const command = (file: string): string => `try: curl -o - ${formatTftpUrl({ host: reachable(host), port, file })}`;
  const virtual = patterns.find(isPlainName);
  if (rootDir === undefined) return virtual === undefined ? undefined : command(virtual);
  const file = await findServedFile(rootDir);
  if (file.found !== undefined) return command(file.found);
  if (virtual !== undefined) return command(virtual);
  return file.complete ? `no files in ${printable(rootDir)} yet` : undefined;
}

/** A glob of picomatch that stands for itself. */
function isPlainName(pattern: string): boolean {
  return /^[\w.\-/]+$/.test(pattern);
}
