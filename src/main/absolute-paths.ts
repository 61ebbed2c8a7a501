import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ResolvedOptions } from "../contract/options/options.ts";

/**
 * The options with every relative path resolved by the working directory of this moment: a later chdir(), start or
 * restart of the thread finds the same files.
 */
export function withAbsolutePaths(options: ResolvedOptions): ResolvedOptions {
  const { server, controller } = options;
  const { rootDir, cacheDir, source } = server;
  const { journal, workerUrl, storeUrl } = controller;
  return {
    ...options,
    server: {
      ...server,
      rootDir: resolve(rootDir),
      cacheDir: cacheDir === undefined ? undefined : resolve(cacheDir),
      // OpenDAL's "fs" is a directory of this machine, which its process would look up by itself.
      source:
        source?.scheme === "fs" && typeof source["root"] === "string"
          ? { ...source, root: resolve(source["root"]) }
          : source,
    },
    controller: {
      ...controller,
      journal: typeof journal === "string" ? resolve(journal) : journal,
      workerUrl: toFileUrl(workerUrl),
      storeUrl: toFileUrl(storeUrl),
    },
  };
}

function toFileUrl(location: string | URL | undefined): URL | undefined {
  if (location === undefined || location instanceof URL) return location;
  return location.startsWith("file:") ? new URL(location) : pathToFileURL(location);
}
