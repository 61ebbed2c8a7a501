import type { StoreCapabilities } from "../../../object-store/client/store-api.ts";
import type { StoreClient } from "../../../object-store/client/store-client.ts";
import type { CreatedEntries } from "../backend.ts";
import { unlessMissing } from "./object-failure.ts";
import { streamObject } from "./object-stream.ts";
import { type Found, type ObjectTree, toIdentifiedEntry } from "./object-tree.ts";

export interface MoveDependencies {
  readonly client: StoreClient;
  readonly tree: ObjectTree;
  readonly capabilities: StoreCapabilities;
  readonly created: CreatedEntries;
}

/**
 * Renames an object, or one by one all of those in a directory: stores know no other way. If the service cannot rename
 * an object either, it is copied, and then the old one removed.
 */
export async function moveTree(
  { client, tree, capabilities, created }: MoveDependencies,
  from: Found,
  to: string,
): Promise<void> {
  const found = from.kind === "directory" ? await tree.list(from.path, true) : [];
  const moved: string[] = [];
  await created.move(from.path, to, async () => {
    for (const entry of [from, ...found.sort((one, other) => one.path.length - other.path.length)]) {
      const target = to + entry.path.slice(from.path.length);
      if (entry.kind === "directory") await client.call("createDir", target);
      else await moveObject(client, capabilities, entry, target);
      moved.push(target);
    }
    for (const { path, kind } of [from, ...found].toReversed()) {
      if (kind === "directory") await unlessMissing(client.call("delete", `${path}/`));
    }
  });
  // A copy has a time of its own.
  for (const path of moved) {
    const now = created.get(path) && (await tree.find(path));
    if (now) await created.add(toIdentifiedEntry(now));
  }
}

async function moveObject(
  client: StoreClient,
  capabilities: StoreCapabilities,
  from: Found,
  to: string,
): Promise<void> {
  if (capabilities.rename) return client.call("rename", from.path, to);
  if (capabilities.copy) await client.call("copy", from.path, to);
  else await copyThrough(client, from, to);
  await client.call("delete", from.path);
}

async function copyThrough(client: StoreClient, from: Found, to: string): Promise<void> {
  const writer = await client.call("openWriter", to);
  for await (const piece of streamObject(client, from.path, from)) {
    await client.call("write", writer, piece as Uint8Array);
  }
  await client.call("closeWriter", writer);
}
