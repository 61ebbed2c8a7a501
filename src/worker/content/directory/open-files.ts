import type { ContentFile } from "../content.ts";
import { RootedFile, identityOf } from "./rooted-file.ts";
import { statPath } from "../fs.ts";

/** A file that is open, and how many transfers have it. */
interface Held {
  readonly file: RootedFile;
  users: number;
  /** Whether the name still stands for it: about to be asked. */
  check: Promise<boolean> | undefined;
}

/**
 * The files that are open right now. A transfer of one that another transfer has open shares its descriptor, for the
 * price of one stat instead of an open, its checks, and a close: many boards fetch one image. Nothing is kept open
 * beyond the last transfer.
 */
export class OpenFiles {
  readonly #held = new Map<string, Held>();

  /**
   * The open file of that name, if the name still stands for it, unchanged: what is open was checked when it was
   * opened, and an equal identity means the very same inode, with the same permissions.
   */
  async share(path: Buffer, mustBeWorldReadable = false): Promise<ContentFile | undefined> {
    const key = keyOf(path);
    const held = this.#held.get(key);
    if (held === undefined || (mustBeWorldReadable && !held.file.isWorldReadable)) return undefined;
    // While we ask, its last user must not close it.
    held.users += 1;
    // Requests that came in the same burst share the answer: it is asked for after all of them have arrived.
    held.check ??= Promise.resolve().then(() => isStill(path, held));
    if (await held.check) return this.#lend(key, held);
    await this.#release(key, held);
    return undefined;
  }

  /** Takes over a file that was just opened. */
  hold(path: Buffer, file: RootedFile): ContentFile {
    const key = keyOf(path);
    const held: Held = { file, users: 1, check: undefined };
    // A file that was replaced meanwhile stays open for the transfers that have it.
    this.#held.set(key, held);
    return this.#lend(key, held);
  }

  #lend(key: string, held: Held): ContentFile {
    return new LentFile(held.file, () => this.#release(key, held));
  }

  async #release(key: string, held: Held): Promise<void> {
    held.users -= 1;
    if (held.users > 0) return;
    if (this.#held.get(key) === held) this.#held.delete(key);
    await held.file.close();
  }
}

/** One transfer's share of an open file. */
class LentFile implements ContentFile {
  readonly size: number | undefined;
  readonly identity: string | undefined;
  readonly settledFrom: number;
  readonly #file: RootedFile;
  readonly #release: () => Promise<void>;

  constructor(file: RootedFile, release: () => Promise<void>) {
    this.size = file.size;
    this.identity = file.identity;
    this.settledFrom = file.settledFrom;
    this.#file = file;
    this.#release = release;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    return this.#file.read(target, position);
  }

  verify(): Promise<void> {
    return this.#file.verify();
  }

  verifyNow(): boolean {
    return this.#file.verifyNow();
  }

  close(): Promise<void> {
    return this.#release();
  }
}

async function isStill(path: Buffer, held: Held): Promise<boolean> {
  // Requests from now on must ask anew.
  held.check = undefined;
  try {
    return identityOf(await statPath(path)) === held.file.identity;
  } catch {
    return false;
  }
}

function keyOf(path: Buffer): string {
  return path.toString("latin1");
}
