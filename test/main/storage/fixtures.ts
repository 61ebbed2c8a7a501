import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { SymlinkPolicy } from "../../../src/contract/options/server-config.ts";
import { LocalDirectory } from "../../../src/main/storage/local/local-directory.ts";
import type { StorageOptions } from "../../../src/main/storage/options.ts";
import { Storage } from "../../../src/main/storage/storage.ts";

/** A directory of its own for the running test, with the root in it, and a place for journals beside that. */
export class Grounds {
  readonly above: string = realpathSync(mkdtempSync(join(tmpdir(), "storage-")));
  readonly root: string = join(this.above, "root");
  readonly journals: string = join(this.above, "journals");
  readonly warnings: string[] = [];

  constructor() {
    mkdirSync(this.root);
    onTestFinished(() => rmSync(this.above, { recursive: true, force: true }));
  }

  /** A storage on the root. It closes with the test, if the test does not close it. */
  storage(options: Partial<StorageOptions> & { readonly symlinks?: SymlinkPolicy } = {}): Storage {
    const { symlinks = "inside", ...rest } = options;
    const storage = new Storage(new LocalDirectory(this.root, symlinks), {
      removeCreatedOnClose: true,
      journal: this.journals,
      warn: (message) => this.warnings.push(message),
      ...rest,
    });
    onTestFinished(() => storage.close().catch(() => {}));
    return storage;
  }

  /** Everything under the root, hidden names too; directories with a slash behind them. */
  tree(): string[] {
    return (readdirSync(this.root, { recursive: true }) as string[])
      .map((path) => (statSync(join(this.root, path), { throwIfNoEntry: false })?.isDirectory() ? `${path}/` : path))
      .sort();
  }

  /** The journals that are there. */
  journalFiles(): string[] {
    try {
      return readdirSync(this.journals);
    } catch {
      return [];
    }
  }
}

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "fine";
  } catch (error) {
    return String((error as { code?: unknown }).code ?? error);
  }
}
