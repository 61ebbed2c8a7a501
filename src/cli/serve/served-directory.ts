import { stat } from "node:fs/promises";
import { resolveOptions } from "../../contract/options/resolve-options.ts";
import { hasCode } from "../../shared/error-codes.ts";
import { UsageError } from "../usage-error.ts";
import type { Settings } from "./config/config-file.ts";
import type { ServeCommand } from "./serve-command.ts";

/**
 * Refuses a directory that was named and does not exist: it is a typo, more likely than not, and the library would
 * create it, with those above it. The default directory is not looked at.
 * @throws {UsageError}
 */
export async function assertServedDirectory({ options }: Settings, command: ServeCommand): Promise<void> {
  if (options.rootDir === undefined || options.source !== undefined || command.create) return;
  const { rootDir } = resolveOptions({ rootDir: options.rootDir }).server;
  const place = command.options.rootDir === undefined ? `${command.config}: root_dir: ` : "";
  const stats = await stat(rootDir).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) {
      throw new UsageError(`${place}${rootDir}: there is no such directory; --create creates it`);
    }
    throw new UsageError(`${place}${(error as Error).message}`);
  });
  if (!stats.isDirectory()) throw new UsageError(`${place}${rootDir}: expected a directory`);
}
