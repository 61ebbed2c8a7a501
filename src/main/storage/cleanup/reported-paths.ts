import { lstat, readdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

const SUFFIX = ".reported";
/** At most this many are remembered: beyond it, something may be reported twice. */
const MAX_REMEMBERED = 1_000;

/** The paths that this process has reported; they are remembered even if no file can be written. */
const reportedHere = new Set<string>();

/**
 * The unusable journals that were reported already. They stay for an operator to look at, but the same warning at every
 * start would teach people not to read warnings. A small file beside our journals remembers each.
 */
export class ReportedPaths {
  readonly #directory: string | undefined;

  private constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  /**
   * `directory`: of ours, and others cannot write to it; undefined: only this process remembers. Forgets what is gone.
   */
  static async open(directory: string | undefined): Promise<ReportedPaths> {
    if (directory !== undefined) await forgetGone(directory).catch(() => {});
    return new ReportedPaths(directory);
  }

  /** Calls `report` unless this path was reported before. */
  async once(path: string, report: () => void): Promise<void> {
    if (reportedHere.has(path)) return;
    if (reportedHere.size >= MAX_REMEMBERED) reportedHere.clear();
    reportedHere.add(path);
    if (this.#directory === undefined) return report();
    const note = join(
      this.#directory,
      `${nodeCrypto().createHash("sha256").update(path).digest("hex").slice(0, 16)}${SUFFIX}`,
    );
    try {
      await writeFile(note, path, { flag: "wx", mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    }
    report();
  }
}

async function forgetGone(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^[0-9a-f]{16}\.reported$/.test(name)) continue;
    const path = await readFile(join(directory, name), "utf8");
    const isGone = await lstat(path).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
    if (isGone) await unlink(join(directory, name)).catch(() => {});
  }
}
