import type { StoreClient } from "../../../object-store/client/store-client.ts";
import { StoreError, type StoreErrorKind } from "../../../object-store/client/store-api.ts";
import type { RefusalReason } from "../../../contract/events/outcomes.ts";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import type { FileMetadata } from "../descriptor-file.ts";
import { CacheFiller } from "./disk-cache/cache-filler.ts";
import type { DiskCache } from "./disk-cache/disk-cache.ts";
import type { ExtentMemory } from "./memory-extent-store.ts";
import { ObjectFile } from "./object-file.ts";
import { identify, type ObjectIdentity } from "./object-identity.ts";
import { OpenGate } from "../open-gate.ts";
import { objectKey } from "./object-key.ts";
import { type ReadRange, SharedObject } from "./shared-object.ts";

export interface ObjectStoreDependencies {
  readonly store: Pick<StoreClient, "callAgain">;
  /** Ends all calls under way. */
  readonly close: () => void;
  /** For what is fetched in larger pieces than transfers ask for. */
  readonly memory: ExtentMemory;
  readonly cache: DiskCache | undefined;
}

/** The store is asked for this many objects at once, at most; more requests wait for their turn. */
const OPENS_AT_ONCE = 256;

/** An object that is being read, or brought into the cache. */
interface Open {
  readonly object: SharedObject;
  users: number;
  filling: boolean;
}

/** What a failure of the store means to the client. Every other kind is our own trouble: "read-error". */
const reasons: { readonly [Kind in StoreErrorKind]?: RefusalReason } = {
  "not-found": "not-found",
  forbidden: "forbidden",
};

/** The objects of a store. Each opening costs one request, so that a changed object is never taken for the old one. */
export class ObjectStore implements ContentSource {
  readonly #dependencies: ObjectStoreDependencies;
  readonly #filler: CacheFiller | undefined;
  readonly #gate = new OpenGate(OPENS_AT_ONCE);
  readonly #open = new Map<string, Open>();
  readonly #closing = new Set<Promise<void>>();
  readonly #readRange: ReadRange = (...range) => this.#dependencies.store.callAgain("read", ...range);

  constructor(dependencies: ObjectStoreDependencies) {
    this.#dependencies = dependencies;
    this.#filler = dependencies.cache && new CacheFiller(dependencies.cache);
  }

  /** @throws {Refused} "not-found", "forbidden", "not-a-file", "read-error", with the store's word as the cause. */
  async open({ parts }: FileName, request?: Pick<RequestContext, "isWanted">): Promise<ContentFile> {
    const key = objectKey(parts);
    if (key === undefined) throw new Refused("not-found");
    const { store } = this.#dependencies;
    const ask = (): ReturnType<typeof store.callAgain<"stat">> => store.callAgain("stat", key);
    const stat = await this.#gate.through(ask, request?.isWanted).catch(refuse);
    if (stat.kind !== "file") throw new Refused("not-a-file");
    const object = { key, stat, readRange: this.#readRange, memory: this.#dependencies.memory };
    const { identity, settledFrom } = identify(key, stat);
    if (identity === undefined) return privateFile(new SharedObject(object));
    const metadata = { size: stat.size, identity, settledFrom };
    const fetch = (): ContentFile => this.#share(metadata, () => new SharedObject(object));
    return (await this.#dependencies.cache?.find(metadata, fetch)) ?? fetch();
  }

  /** Ends at once, whatever the store does. */
  async close(): Promise<void> {
    this.#dependencies.close();
    await this.#filler?.close();
    await Promise.all(this.#closing);
  }

  #share(metadata: FileMetadata, create: () => SharedObject): ContentFile {
    const known = this.#open.get(metadata.identity) ?? { object: create(), users: 0, filling: false };
    this.#open.set(metadata.identity, known);
    known.users += 1;
    const release = (): void => this.#release(known, metadata.identity);
    return new ObjectFile(known.object, metadata, { onRead: () => this.#fill(known, metadata), onClosed: release });
  }

  /** Once it is read for the first time: to ask for the size alone brings nothing into the cache. */
  #fill(open: Open, metadata: FileMetadata): void {
    // What may yet change under the same identity must not outlive this transfer.
    if (!this.#filler || open.filling || open.users === 0 || Date.now() < metadata.settledFrom) return;
    open.filling = true;
    open.users += 1;
    this.#filler.add(open.object, metadata, () => this.#release(open, metadata.identity));
  }

  #release(open: Open, identity: string): void {
    open.users -= 1;
    if (open.users > 0) return;
    this.#open.delete(identity);
    const closing = open.object.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

function privateFile(object: SharedObject): ContentFile {
  const unknown: ObjectIdentity = { identity: undefined, settledFrom: 0 };
  return new ObjectFile(object, unknown, { onRead: () => {}, onClosed: () => void object.close() });
}

function refuse(error: unknown): never {
  const reason = (error instanceof StoreError && reasons[error.kind]) || "read-error";
  throw new Refused(reason, { cause: error });
}
