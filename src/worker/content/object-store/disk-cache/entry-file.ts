import type { ContentFile } from "../../content.ts";
import { DescriptorFile, type FileMetadata } from "../../descriptor-file.ts";
import { digestAt, digestOf, digestPlaces } from "./cache-entry.ts";
import { type Extent, extentAt } from "../extents.ts";

interface EntryDependencies {
  /** Of all extents, in order. */
  readonly digests: Buffer;
  /** The entry cannot be used; it is removed then. */
  readonly onSpoiled: (cause: unknown) => void;
  /** The object itself, from the store. */
  readonly openAgain: () => ContentFile;
}

/**
 * An entry of the disk cache, open. Each extent is compared with its digest before the first byte of it is served; if
 * it does not match, or the disk fails, the rest is fetched from the store as if there had been no entry.
 */
export class EntryFile implements ContentFile {
  readonly size: number;
  readonly identity: string;
  readonly settledFrom: number;
  readonly #file: DescriptorFile;
  readonly #dependencies: EntryDependencies;
  readonly #places: ReadonlyMap<number, number>;
  readonly #verified = new Set<number>();
  #fallback: ContentFile | undefined;

  constructor(fd: number, metadata: FileMetadata, dependencies: EntryDependencies) {
    this.#file = new DescriptorFile(fd, metadata);
    this.size = metadata.size;
    this.identity = metadata.identity;
    this.settledFrom = metadata.settledFrom;
    this.#dependencies = dependencies;
    this.#places = digestPlaces(metadata.size);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const wanted = target.subarray(0, Math.max(0, this.size - position));
    let filled = 0;
    while (filled < wanted.length && !this.#fallback) {
      const extent = extentAt(position + filled, this.size);
      const part = wanted.subarray(filled, filled + extent.start + extent.length - (position + filled));
      if (await this.#readPart(extent, part, position + filled)) filled += part.length;
    }
    const rest = wanted.subarray(filled);
    return this.#fallback && rest.length > 0 ? filled + (await this.#fallback.read(rest, position + filled)) : filled;
  }

  async close(): Promise<void> {
    await Promise.all([this.#file.close(), this.#fallback?.close()]);
  }

  /** Fills `part`, which lies within the extent; false: the entry cannot be used, there is a fallback now. */
  async #readPart(extent: Extent, part: Uint8Array, position: number): Promise<boolean> {
    try {
      if (this.#verified.has(extent.start)) {
        if ((await this.#file.read(part, position)) === part.length) return true;
        throw new Error("the entry is cut short");
      }
      const whole = new Uint8Array(extent.length);
      await this.#file.read(whole, extent.start);
      const digest = digestAt(this.#dependencies.digests, this.#places.get(extent.start) as number);
      if (!digestOf(whole).equals(digest)) throw new Error("the content of the entry does not match its digest");
      this.#verified.add(extent.start);
      part.set(whole.subarray(position - extent.start, position - extent.start + part.length));
      return true;
    } catch (error) {
      if (!this.#fallback) {
        this.#fallback = this.#dependencies.openAgain();
        this.#dependencies.onSpoiled(error);
      }
      return false;
    }
  }
}
