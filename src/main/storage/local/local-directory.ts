import { constants, createReadStream, type Stats } from "node:fs";
import { lstat, open, rmdir, unlink } from "node:fs/promises";
import type { Readable } from "node:stream";
import { TftpError } from "../../../contract/errors.ts";
import type { SymlinkPolicy } from "../../../contract/options/server-config.ts";
import type {
  BackendWriteOptions,
  CreatedEntries,
  IdentifiedEntry,
  Removal,
  StorageBackend,
  StorageEntry,
  WriteResult,
} from "../backend.ts";
import { attempt, unless } from "../failure.ts";
import { AtomicWrite } from "./atomic-write.ts";
import { identify } from "./identity.ts";
import { type DirectoryCreated, Jail, type Place } from "./jail.ts";
import { removeCreated, renamePlace } from "./moves.ts";
import { emptyTree, listTree, toEntry } from "./tree.ts";

/** The streams of `read` take this much at a time. */
const READ_BYTES = 256 * 1024;

/** Never waits for the other end of a FIFO; a link that came in since we looked is refused. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** The served directory itself, in the same jail as the server's. */
export class LocalDirectory implements StorageBackend {
  readonly #jail: Jail;
  readonly #strict: Jail;

  constructor(rootDir: string, symlinks: SymlinkPolicy) {
    this.#jail = new Jail(rootDir, symlinks);
    this.#strict = this.#jail.withoutLinks();
  }

  location(): Promise<string> {
    return attempt("", () => this.#jail.root());
  }

  stat(path: string): Promise<StorageEntry | undefined> {
    return attempt(path, () =>
      unless(
        this.#atTarget(path, async ({ directory, name }) => toEntry(path, await lstat(directory.at(name)))),
        "ENOENT",
        "ENOTDIR",
      ),
    );
  }

  list(path: string, recursive: boolean): Promise<StorageEntry[]> {
    return attempt(path, async () => {
      // A caller must not even learn whether something outside is a directory.
      await this.#jail.at(path, async () => {});
      const directory = await this.#jail.openDirectory(path);
      return await directory.during(() => listTree(directory, path, recursive));
    });
  }

  read(path: string): Promise<Readable> {
    return attempt(path, () =>
      this.#atTarget(path, async ({ directory, name }) => {
        // Looked at before, since opening alone would unblock the writer of a FIFO; and after, since names change.
        assertRegular(await lstat(directory.at(name)), path);
        const handle = await open(directory.at(name), readFlags);
        try {
          assertRegular(await handle.stat(), path);
        } catch (error) {
          await handle.close();
          throw error;
        }
        return createReadStream("", { fd: handle, highWaterMark: READ_BYTES });
      }),
    );
  }

  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: BackendWriteOptions,
    created: CreatedEntries,
  ): Promise<WriteResult> {
    return attempt(path, () => new AtomicWrite(this.#jail, path, created).run(content, options));
  }

  createDir(path: string, created: CreatedEntries): Promise<void> {
    return attempt(path, () => this.#jail.makeDirectories(path, entering(created)));
  }

  rename(from: string, to: string, created: CreatedEntries): Promise<void> {
    return attempt(from, () =>
      this.#jail.at(from, async (source) => {
        await lstat(source.directory.at(source.name));
        const target = await this.#jail.enter(to, entering(created));
        await target.directory.during(() => renamePlace(source, target, created));
      }),
    );
  }

  delete(path: string, created: CreatedEntries): Promise<void> {
    return attempt(path, () =>
      this.#jail.at(path, async (place) => {
        const target = place.directory.at(place.name);
        if ((await lstat(target)).isDirectory()) await rmdir(target);
        else await unlink(target);
        await created.forget(place.path);
      }),
    );
  }

  removeAll(path: string, created: CreatedEntries): Promise<void> {
    return attempt(path, async () => {
      if (path !== "" && !(await this.#isDirectory(path))) return unless(this.delete(path, created), "NOT_FOUND");
      const directory = await this.#jail.openDirectory(path);
      await directory.during(() => emptyTree(directory));
      if (path === "") await created.forget("");
      else await this.delete(path, created);
    });
  }

  identify(path: string): Promise<IdentifiedEntry> {
    return attempt(path, () => this.#jail.at(path, identify));
  }

  remove(entry: IdentifiedEntry): Promise<Removal> {
    return attempt(entry.path, () => removeCreated(this.#strict, entry));
  }

  removeTemporary(path: string): Promise<void> {
    return attempt(path, async () => {
      await unless(
        this.#strict.at(path, ({ directory, name }) => unlink(directory.at(name))),
        "ENOENT",
        "ENOTDIR",
      );
    });
  }

  /** Holds nothing by itself. */
  async close(): Promise<void> {}

  async #isDirectory(path: string): Promise<boolean> {
    const found = await unless(
      this.#jail.at(path, ({ directory, name }) => lstat(directory.at(name))),
      "ENOENT",
      "ENOTDIR",
    );
    return found?.isDirectory() ?? false;
  }

  async #atTarget<Value>(path: string, work: (place: Place) => Promise<Value>): Promise<Value> {
    const place = await this.#jail.enterTarget(path);
    return await place.directory.during(() => work(place));
  }
}

function entering(created: CreatedEntries): DirectoryCreated {
  return async (place) => created.add(await identify(place));
}

function assertRegular(found: Stats, path: string): void {
  if (found.isFile()) return;
  throw new TftpError("FORBIDDEN", `${path}: it is ${found.isDirectory() ? "a directory" : "no regular file"}`);
}
