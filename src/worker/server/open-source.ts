import { toErrorInfo } from "../../contract/errors.ts";
import type { ServerConfig } from "../../contract/options/server-config.ts";
import { StoreError } from "../../object-store/client/store-api.ts";
import { StoreClient } from "../../object-store/client/store-client.ts";
import type { ContentSource } from "../content/content.ts";
import { DiskCache } from "../content/object-store/disk-cache/disk-cache.ts";
import { MemoryBudget } from "../content/memory-budget.ts";
import { ObjectStore } from "../content/object-store/object-store.ts";
import { type FileAccess, RootedDirectory } from "../content/directory/rooted-directory.ts";
import { ensureDirectory } from "../../shared/files/ensure-directory.ts";
import type { Reporter } from "../transfers/reporter.ts";
import { cacheFailure, rootFailure } from "./start-failure.ts";
import type { PendingWork } from "../transfers/pending-work.ts";

export interface SourceDependencies {
  /** Ensures that the store's process runs, and resolves with the path of its socket. */
  readonly storeSocketPath: () => Promise<string>;
  readonly reporter: Reporter;
  readonly pending: PendingWork;
  readonly fileAccess: FileAccess;
}

/** The source, and how much memory is left for blocks that transfers share. */
export interface OpenedSource {
  readonly source: ContentSource;
  readonly blockMemory: number;
}

/** @throws {TftpError} ROOT_NOT_READABLE, SOURCE_UNAVAILABLE, CACHE_NOT_USABLE */
export async function openSource(config: ServerConfig, dependencies: SourceDependencies): Promise<OpenedSource> {
  if (config.source === undefined)
    return { source: await openRoot(config, dependencies), blockMemory: config.readAheadBytes };
  // What is fetched ahead, and what transfers share of it, halve the memory between them.
  const half = Math.floor(config.readAheadBytes / 2);
  return { source: await openStore(config, half, dependencies), blockMemory: half };
}

async function openRoot(
  { rootDir, symlinks }: ServerConfig,
  { fileAccess }: SourceDependencies,
): Promise<RootedDirectory> {
  try {
    await ensureDirectory(rootDir);
    return await RootedDirectory.open(rootDir, symlinks, undefined, fileAccess);
  } catch (error) {
    throw rootFailure(error, rootDir);
  }
}

async function openStore(
  config: ServerConfig,
  memoryBytes: number,
  { storeSocketPath, reporter, pending }: SourceDependencies,
): Promise<ObjectStore> {
  const warn = (message: string, cause: unknown): void =>
    reporter.report({ type: "warning", message, cause: toErrorInfo(cause) });
  const { cacheDir, cacheMaxBytes, sourceTimeoutMs } = config;
  // Without it nothing can be served, ever: that shows at once.
  await storeSocketPath();
  const cache = cacheDir === undefined ? undefined : await openCache(cacheDir, cacheMaxBytes, warn);
  const client = new StoreClient(storeSocketPath, sourceTimeoutMs);
  // The store itself may come back: until then every request is refused with its cause.
  client.call("check").catch((error: unknown) => {
    if (isTrouble(error)) warn("the source does not answer", error);
  });
  const asked: Pick<StoreClient, "callAgain"> = {
    callAgain: (...call) => pending.during(client.callAgain(...call)),
  };
  return new ObjectStore({ store: asked, close: () => client.close(), memory: new MemoryBudget(memoryBytes), cache });
}

async function openCache(
  path: string,
  maxBytes: number,
  warn: (message: string, cause: unknown) => void,
): Promise<DiskCache> {
  try {
    return await DiskCache.open(path, maxBytes, warn);
  } catch (error) {
    throw cacheFailure(error, path);
  }
}

/** The check lists, and credentials that may fetch need not be allowed to list; a service may not even be able to. */
function isTrouble(error: unknown): boolean {
  return error instanceof StoreError && error.kind !== "forbidden" && error.kind !== "unsupported";
}
