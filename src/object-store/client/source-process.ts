import { TftpError, toErrorInfo } from "../../contract/errors.ts";
import type { ServerConfig, SourceConfig } from "../../contract/options/server-config.ts";
import { StoreProcess } from "./store-process.ts";

/**
 * The process behind the option `source`; undefined without that option.
 * @param entry the file that it starts with, instead of this package's own.
 * @param died called with a message for people when the process ends by itself. It is spawned again when it is needed.
 */
export function sourceProcess(
  { source, sourceTimeoutMs }: ServerConfig,
  entry: string | URL | undefined,
  died: (message: string) => void,
): StoreProcess | undefined {
  if (source === undefined) return undefined;
  const { scheme } = source;
  return new StoreProcess({ scheme, config: asStrings(source), timeoutMs: sourceTimeoutMs }, entry, died);
}

/** As the worker asks for it across the thread boundary: errors cross as plain data. */
export async function openStoreAcross(process: StoreProcess | undefined): Promise<string> {
  try {
    if (!process) throw new TftpError("INTERNAL", "there is no source");
    return await process.open();
  } catch (error) {
    throw toErrorInfo(error);
  }
}

/** OpenDAL takes strings and nothing else. */
function asStrings(source: SourceConfig): Record<string, string> {
  const config = Object.entries(source).filter(([name]) => name !== "scheme");
  return Object.fromEntries(config.map(([name, value]) => [name, String(value)]));
}
