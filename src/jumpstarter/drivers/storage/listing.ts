import { unless } from "../../../shared/error-codes.ts";
import type { Storage } from "../../../main/storage/storage.ts";
import type { StorageEntry } from "../../../main/storage/types.ts";

/**
 * A directory as OpenDAL lists it: itself first, then what is in it, directories with `/` at their end. Without `/` at
 * the end of the path only itself. Nothing, and no error, if it does not exist.
 */
export async function* listing(storage: Storage, path: string, recursive: boolean): AsyncGenerator<string> {
  const itself = await unless(storage.stat(path), "NOT_FOUND");
  if (!itself) return;
  yield itself.path === "" ? "/" : listed(itself);
  if (itself.type !== "directory" || !(path === "" || path.endsWith("/"))) return;
  for (const entry of await storage.list(path, { recursive })) yield listed(entry);
}

function listed({ path, type }: StorageEntry): string {
  return type === "directory" ? `${path}/` : path;
}

/** What OpenDAL's clients expect to know of a file; the keys are required. */
export function metadata({ type, size }: StorageEntry): object {
  return {
    content_disposition: null,
    content_length: size ?? 0,
    content_md5: null,
    content_type: null,
    etag: null,
    mode: { entry_is_file: type === "file", entry_is_dir: type === "directory" },
  };
}
