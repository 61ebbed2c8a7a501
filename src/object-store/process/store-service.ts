import type { Entry, Metadata, Operator } from "opendal";
import type { ObjectEntry, ObjectStat, StoreApi, StoreCapabilities } from "../client/store-api.ts";
import { StoreError } from "../client/store-api.ts";
import { toStoreError } from "./store-failure.ts";
import { openObjectWriter, type ObjectWriter } from "./object-writer.ts";
import type { Versions } from "./versions.ts";

/** Shared by all connections of the process. */
export interface StoreServiceDependencies {
  readonly scheme: string;
  readonly operator: Operator;
  /** For a service that cannot distinguish one content from the next. */
  readonly versions: Versions | undefined;
}

/** How many entries of a listing are queried at a time, if the service lists names only. */
const STATS_AT_ONCE = 32;

/** Answers the calls of one connection. Its unfinished objects are discarded with it. */
export class StoreService implements StoreApi {
  readonly #dependencies: StoreServiceDependencies;
  readonly #writers = new Map<number, { readonly path: string; readonly writer: ObjectWriter }>();
  #lastWriter = 0;

  constructor(dependencies: StoreServiceDependencies) {
    this.#dependencies = dependencies;
  }

  async capabilities(): Promise<StoreCapabilities> {
    const { scheme, operator } = this.#dependencies;
    const { write, list, createDir, copy, rename, delete: remove } = operator.capability();
    return { scheme, write, list, createDir, copy, rename, delete: remove };
  }

  async check(): Promise<void> {
    await this.#dependencies.operator.check();
  }

  async stat(path: string): Promise<ObjectStat> {
    const { operator, versions } = this.#dependencies;
    // Read first: a write during the call then counts as another version.
    const version = versions?.of(path);
    const stat = describe(await operator.stat(path));
    return version === undefined ? stat : { ...stat, etag: version };
  }

  async read(path: string, stat: ObjectStat, offset: number, length: number): Promise<Uint8Array> {
    const { operator } = this.#dependencies;
    const range = { offset: BigInt(offset), size: BigInt(length) };
    // A weak validator never matches (RFC 9110 section 13.1.1).
    const { etag } = stat;
    if (etag !== undefined && !etag.startsWith("W/") && operator.capability().readWithIfMatch) {
      return operator.read(path, { ...range, ifMatch: etag });
    }
    const bytes = await operator.read(path, range);
    const now = await this.stat(path);
    if (now.etag === stat.etag && now.lastModified === stat.lastModified && now.size === stat.size) return bytes;
    throw new StoreError("changed", `${path} was replaced while it was read`);
  }

  async list(path: string, recursive: boolean): Promise<ObjectEntry[]> {
    const directory = path === "" ? "" : `${path.replace(/\/$/, "")}/`;
    const listed = await this.#dependencies.operator.list(directory, { recursive });
    const found: ObjectEntry[] = [];
    for (let at = 0; at < listed.length; at += STATS_AT_ONCE) {
      const entries = listed.slice(at, at + STATS_AT_ONCE).map((entry) => this.#complete(entry));
      found.push(...(await Promise.all(entries)).flat());
    }
    return found.filter((entry) => entry.path !== directory && entry.path !== "/");
  }

  async createDir(path: string): Promise<void> {
    await this.#dependencies.operator.createDir(`${path}/`);
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#changing([to], () => this.#dependencies.operator.copy(from, to));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#changing([from, to], () => this.#dependencies.operator.rename(from, to));
  }

  async delete(path: string): Promise<void> {
    await this.#changing([path], () => this.#dependencies.operator.delete(path));
  }

  async openWriter(path: string): Promise<number> {
    const writer = await openObjectWriter(this.#dependencies.operator, path);
    this.#writers.set((this.#lastWriter += 1), { path, writer });
    return this.#lastWriter;
  }

  async write(writer: number, bytes: Uint8Array): Promise<void> {
    await this.#writer(writer).writer.write(bytes);
  }

  async closeWriter(number: number): Promise<void> {
    const { path, writer } = this.#writer(number);
    this.#writers.delete(number);
    await this.#changing([path], () => writer.close());
  }

  async abortWriter(writer: number): Promise<void> {
    this.#writers.delete(writer);
  }

  /** Queries an entry if the service lists names only. Empty if the entry has been removed. */
  async #complete(entry: Entry): Promise<ObjectEntry[]> {
    const path = entry.path();
    const stat = describe(entry.metadata());
    if (stat.kind === "directory" || stat.etag !== undefined || stat.lastModified !== undefined) {
      return [Object.assign(stat, { path })];
    }
    try {
      return [Object.assign(await this.stat(path), { path })];
    } catch (error) {
      if (toStoreError(error).kind === "not-found") return [];
      throw error;
    }
  }

  #writer(number: number): { readonly path: string; readonly writer: ObjectWriter } {
    const writer = this.#writers.get(number);
    if (!writer) throw new StoreError("failed", `writer ${number} is not open`);
    return writer;
  }

  /** Counts a version before and after the change, so that no reader takes one content for the other. */
  async #changing(paths: readonly string[], work: () => Promise<unknown>): Promise<void> {
    for (const path of paths) this.#dependencies.versions?.bump(path);
    try {
      await work();
    } finally {
      for (const path of paths) this.#dependencies.versions?.bump(path);
    }
  }
}

function describe(metadata: Metadata): ObjectStat {
  const { etag, lastModified, contentLength } = metadata;
  return {
    kind: metadata.isDirectory() ? "directory" : "file",
    size: Number(contentLength ?? 0n),
    // S3 lists an object without one with an empty one.
    ...(etag && { etag }),
    ...(lastModified !== null && { lastModified }),
  };
}
