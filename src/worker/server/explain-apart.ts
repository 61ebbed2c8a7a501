import type { ExplainedRequest, Explanation } from "../../contract/rules/explanation.ts";
import type { ServerConfig } from "../../contract/options/server-config.ts";
import type { ContentSource } from "../content/content.ts";
import { type FileAccess, RootedDirectory } from "../content/directory/rooted-directory.ts";
import { AccessList } from "../requests/access-list.ts";
import { explain } from "../requests/explain.ts";
import { PendingWork } from "../transfers/pending-work.ts";
import { Reporter } from "../transfers/reporter.ts";
import { openSource } from "./open-source.ts";
import type { ServerDependencies } from "./server.ts";
import { rootFailure } from "./start-failure.ts";
import { withRules } from "./with-rules.ts";

type Dependencies = Omit<ServerDependencies, "firstTransferId" | "isRestart">;

/**
 * Explains a request without a server: no port is bound, and no directory is created.
 * @throws {TftpError} ROOT_NOT_READABLE, SOURCE_UNAVAILABLE, CACHE_NOT_USABLE
 */
export async function explainApart(
  request: ExplainedRequest,
  config: ServerConfig,
  dependencies: Dependencies,
): Promise<Explanation> {
  const fileAccess = { requireWorldReadable: config.requireWorldReadable };
  const stored = await openStored(config, fileAccess, dependencies);
  const { source } = withRules(stored, config, { ...dependencies, fileAccess });
  try {
    return await explain(request, source, new AccessList(config));
  } finally {
    await source.close();
  }
}

async function openStored(
  config: ServerConfig,
  fileAccess: FileAccess,
  { storeSocketPath }: Dependencies,
): Promise<ContentSource> {
  const { rootDir, symlinks } = config;
  if (config.source !== undefined) {
    const apart = { storeSocketPath, reporter: new Reporter(() => {}), pending: new PendingWork(), fileAccess };
    return (await openSource(config, apart)).source;
  }
  try {
    return await RootedDirectory.open(rootDir, symlinks, undefined, fileAccess);
  } catch (error) {
    throw rootFailure(error, rootDir);
  }
}
