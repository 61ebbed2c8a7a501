import { temporaryName } from "../../../contract/text/temporary-name.ts";
import type { StoreClient } from "../../../object-store/client/store-client.ts";
import type { BackendWriteOptions, CreatedEntries, WriteResult } from "../backend.ts";
import { forbidden } from "./object-failure.ts";
import { type ObjectTree, toIdentifiedEntry } from "./object-tree.ts";
import { nodeCrypto } from "../../../shared/lazy-builtins.ts";

/** How much goes to the store's process in one call, in bytes. */
const PIECE = 256 * 1024;

export interface WriteDependencies {
  readonly client: StoreClient;
  readonly tree: ObjectTree;
  readonly created: CreatedEntries;
  /**
   * The service has directories of its own and can rename: then a file is written under a temporary name first. The
   * others show an object only once it is whole.
   */
  readonly renames: boolean;
  readonly makeDirectories: (path: string) => Promise<void>;
}

/** One write: a reader gets meanwhile the old object whole or the new one whole. */
export async function writeObject(
  { client, tree, created, renames, makeDirectories }: WriteDependencies,
  path: string,
  content: AsyncIterable<Uint8Array>,
  { signal }: BackendWriteOptions,
): Promise<WriteResult> {
  const before = await tree.find(path);
  if (before?.kind === "directory") throw forbidden(path, "it is a directory");
  if (renames) await makeDirectories(path);
  const target = renames ? siblingOf(path, temporaryName(nodeCrypto().randomBytes(8).toString("hex"))) : path;
  if (renames) await created.addTemporary(target);
  try {
    const bytes = await upload(client, target, content, signal);
    const ours = before === undefined || created.get(path) !== undefined;
    // Before the deed: a rename keeps what the file is known by, at least if files have times.
    const temporary = renames ? await tree.find(target) : undefined;
    if (temporary && ours) await created.add({ ...toIdentifiedEntry(temporary), path });
    if (renames) await client.call("rename", target, path);
    const now = await tree.find(path);
    if (now && ours) await created.add(toIdentifiedEntry(now));
    return { bytes, created: before === undefined };
  } catch (error) {
    if (renames) await client.call("delete", target).catch(() => {});
    throw error;
  } finally {
    if (renames) created.dropTemporary(target);
  }
}

async function upload(
  client: StoreClient,
  path: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  const writer = await client.call("openWriter", path);
  let bytes = 0;
  try {
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += PIECE) {
        signal.throwIfAborted();
        await client.call("write", writer, chunk.subarray(at, at + PIECE));
      }
      bytes += chunk.length;
    }
    signal.throwIfAborted();
    await client.call("closeWriter", writer);
    return bytes;
  } catch (error) {
    await client.call("abortWriter", writer).catch(() => {});
    throw error;
  }
}

function siblingOf(path: string, name: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1) + name;
}
