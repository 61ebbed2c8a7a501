import { isTemporaryName } from "../../../contract/text/temporary-name.ts";
import type { ObjectStat } from "../../../object-store/client/store-api.ts";
import type { StoreClient } from "../../../object-store/client/store-client.ts";
import type { IdentifiedEntry, StorageEntry } from "../backend.ts";
import { isUnder } from "../path.ts";
import { unlessMissing } from "./object-failure.ts";

/** Something in the store, by its path without a slash at the end. */
export interface Found extends ObjectStat {
  readonly path: string;
}

/** The store as a tree. In most stores a directory is nothing but the beginning of the keys in it, or a mark. */
export class ObjectTree {
  readonly #client: StoreClient;

  constructor(client: StoreClient) {
    this.#client = client;
  }

  /** Undefined if there is nothing; the root is always there. */
  async find(path: string): Promise<Found | undefined> {
    if (path === "") return { path, kind: "directory", size: 0 };
    const object = await unlessMissing(this.#client.callAgain("stat", path));
    if (object) return { path, ...object };
    const isDirectory =
      (await unlessMissing(this.#client.callAgain("stat", `${path}/`))) ?? (await this.list(path, false)).length > 0;
    return isDirectory ? { path, kind: "directory", size: 0 } : undefined;
  }

  /** Everything that lies under the directory, temporary files too; also the directories that keys imply. */
  async list(path: string, recursive: boolean): Promise<Found[]> {
    const entries = (await unlessMissing(this.#client.callAgain("list", path, recursive))) ?? [];
    const found = new Map<string, Found>();
    for (const entry of entries) {
      const plain = entry.path.replace(/\/$/, "");
      if (plain === path || !isUnder(plain, path)) continue;
      for (const directory of directorysAbove(plain)) {
        if (directory !== path && isUnder(directory, path) && !found.has(directory)) {
          found.set(directory, { path: directory, kind: "directory", size: 0 });
        }
      }
      found.set(plain, { ...entry, path: plain });
    }
    return [...found.values()];
  }
}

export function isTemporary({ path }: Found): boolean {
  return path.split("/").some(isTemporaryName);
}

export function toEntry({ path, kind, size, lastModified }: Found): StorageEntry {
  if (kind === "directory") return { path, type: "directory" };
  const modifiedAt = lastModified === undefined ? undefined : Date.parse(lastModified);
  return { path, type: "file", size, ...(modifiedAt !== undefined && { modifiedAt }) };
}

/**
 * By its content, as far as the store describes it: what others write in its place has another etag, or another time.
 */
export function toIdentifiedEntry({ path, kind, size, etag, lastModified }: Found): IdentifiedEntry {
  if (kind === "directory") return { path, type: "directory", identity: "directory" };
  return { path, type: "file", identity: `${size} ${etag ?? lastModified ?? ""}` };
}

/** From the outermost one on. */
export function directorysAbove(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}
