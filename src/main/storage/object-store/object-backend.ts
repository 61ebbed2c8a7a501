import type { Readable } from "node:stream";
import type { SourceConfig } from "../../../contract/options/server-config.ts";
import type { StoreCapabilities } from "../../../object-store/client/store-api.ts";
import { StoreClient } from "../../../object-store/client/store-client.ts";
import type {
  BackendWriteOptions,
  CreatedEntries,
  IdentifiedEntry,
  Removal,
  StorageBackend,
  StorageEntry,
  WriteResult,
} from "../backend.ts";
import { attempt, forbidden, missing, unlessMissing } from "./object-failure.ts";
import { moveTree } from "./object-moves.ts";
import { streamObject } from "./object-stream.ts";
import { directorysAbove, type Found, isTemporary, ObjectTree, toEntry, toIdentifiedEntry } from "./object-tree.ts";
import { writeObject } from "./object-write.ts";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

/** Options that must not stand in a journal, by what their names say. */
const secret = /key|secret|token|password|credential|sas|signature/i;

/** The store that the server serves from, asked through the same process. */
export class ObjectBackend implements StorageBackend {
  readonly #location: string;
  readonly #client: StoreClient;
  readonly #tree: ObjectTree;
  #capabilities: Promise<StoreCapabilities> | undefined;

  /** @param socketPath Ensures that the store's process runs, and resolves with the path of its socket. */
  constructor(source: SourceConfig, timeoutMs: number, socketPath: () => Promise<string>) {
    this.#location = locationOf(source);
    this.#client = new StoreClient(socketPath, timeoutMs);
    this.#tree = new ObjectTree(this.#client);
  }

  async location(): Promise<string> {
    return this.#location;
  }

  stat(path: string): Promise<StorageEntry | undefined> {
    return attempt(path, async () => {
      const found = await this.#tree.find(path);
      return found && toEntry(found);
    });
  }

  list(path: string, recursive: boolean): Promise<StorageEntry[]> {
    return attempt(path, async () => {
      const directory = await this.#require(path);
      if (directory.kind !== "directory") throw forbidden(path, "it is not a directory");
      const found = await this.#tree.list(path, recursive);
      return found.filter((entry) => !isTemporary(entry)).map(toEntry);
    });
  }

  read(path: string): Promise<Readable> {
    return attempt(path, async () => {
      const found = await this.#require(path);
      if (found.kind === "directory") throw forbidden(path, "it is a directory");
      return streamObject(this.#client, path, found);
    });
  }

  write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: BackendWriteOptions,
    created: CreatedEntries,
  ): Promise<WriteResult> {
    return attempt(path, async () => {
      const makeDirectories = (below: string): Promise<void> => this.#makeDirectories(directorysAbove(below), created);
      const dependencies = {
        client: this.#client,
        tree: this.#tree,
        created,
        renames: await this.#renames(),
        makeDirectories,
      };
      return await writeObject(dependencies, path, content, options);
    });
  }

  createDir(path: string, created: CreatedEntries): Promise<void> {
    if (path === "") return Promise.resolve();
    return attempt(path, async () => {
      await this.#makeDirectories((await this.#renames()) ? [...directorysAbove(path), path] : [path], created);
    });
  }

  rename(from: string, to: string, created: CreatedEntries): Promise<void> {
    return attempt(from, async () => {
      const source = await this.#require(from);
      if (from === to) return;
      const target = await this.#tree.find(to);
      if (target && (target.kind === "directory" || source.kind === "directory"))
        throw forbidden(to, "it exists already");
      const capabilities = await this.#capabilitiesOnce();
      if (capabilities.rename) await this.#makeDirectories(directorysAbove(to), created);
      await moveTree({ client: this.#client, tree: this.#tree, capabilities, created }, source, to);
    });
  }

  delete(path: string, created: CreatedEntries): Promise<void> {
    return attempt(path, async () => {
      const found = await this.#require(path);
      if (found.kind === "directory" && (await this.#tree.list(path, false)).length > 0) {
        throw forbidden(path, "the directory is not empty");
      }
      await this.#remove(found);
      await created.forget(path);
    });
  }

  removeAll(path: string, created: CreatedEntries): Promise<void> {
    return attempt(path, async () => {
      const found = await this.#tree.find(path);
      if (!found) return;
      const under = found.kind === "directory" ? await this.#tree.list(path, true) : [];
      // What lies in a directory goes before it.
      for (const entry of under.sort((one, other) => other.path.length - one.path.length)) await this.#remove(entry);
      if (path !== "") await this.#remove(found);
      await created.forget(path);
    });
  }

  identify(path: string): Promise<IdentifiedEntry> {
    return attempt(path, async () => toIdentifiedEntry(await this.#require(path)));
  }

  remove(entry: IdentifiedEntry): Promise<Removal> {
    const { path, type, identity } = entry;
    return attempt(path, async () => {
      const found = await this.#tree.find(path);
      if (!found) return "gone";
      const now = toIdentifiedEntry(found);
      if (now.type !== type || now.identity !== identity) return "replaced";
      if (type === "directory" && (await this.#tree.list(path, false)).length > 0) return "in-use";
      await this.#remove(found);
      return "removed";
    });
  }

  removeTemporary(path: string): Promise<void> {
    return attempt(path, async () => {
      await unlessMissing(this.#client.call("delete", path));
    });
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  async #require(path: string): Promise<Found> {
    const found = await this.#tree.find(path);
    if (!found) throw missing(path);
    return found;
  }

  async #makeDirectories(paths: readonly string[], created: CreatedEntries): Promise<void> {
    for (const path of paths) {
      const there = await this.#tree.find(path);
      if (there?.kind === "file") throw forbidden(path, "it is not a directory");
      if (there) continue;
      await created.add({ path, type: "directory", identity: "directory" });
      await this.#client.call("createDir", path);
    }
  }

  async #remove({ path, kind }: Found): Promise<void> {
    await unlessMissing(this.#client.call("delete", kind === "directory" ? `${path}/` : path));
  }

  /** Services that can rename are those with directories of their own. */
  async #renames(): Promise<boolean> {
    const { rename, write } = await this.#capabilitiesOnce();
    if (!write) throw forbidden(this.#location, "this source is read-only");
    return rename;
  }

  #capabilitiesOnce(): Promise<StoreCapabilities> {
    this.#capabilities ??= this.#client.callAgain("capabilities").catch((error: unknown) => {
      this.#capabilities = undefined;
      throw error;
    });
    return this.#capabilities;
  }
}

/**
 * The same for each driver on the same store, and without credentials; what is in memory belongs to one driver only.
 */
function locationOf({ scheme, ...config }: SourceConfig): string {
  if (scheme === "memory") return `memory:${nodeCrypto().randomUUID()}`;
  const shown = Object.entries(config).filter(([name]) => !secret.test(name));
  return `${scheme}:${JSON.stringify(Object.fromEntries(shown.sort(([one], [other]) => (one < other ? -1 : 1))))}`;
}
