import type { ContentFile } from "./content.ts";
import { closeFile, readSome } from "./fs.ts";

/** What an open file is to those who share it; as `ContentFile` has it. */
export interface FileMetadata {
  readonly size: number;
  readonly identity: string;
  readonly settledFrom: number;
}

/** An open descriptor, and the content up to a size. */
export class DescriptorFile implements ContentFile {
  readonly size: number;
  readonly identity: string;
  readonly settledFrom: number;
  readonly #fd: number;
  readonly #reads = new Set<Promise<number>>();
  #closed = false;

  constructor(fd: number, { size, identity, settledFrom }: FileMetadata) {
    this.#fd = fd;
    this.size = size;
    this.identity = identity;
    this.settledFrom = settledFrom;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    if (this.#closed) return Promise.reject(new Error("read after close: the descriptor may be another file's by now"));
    const read = this.#fill(target.subarray(0, Math.max(0, this.size - position)), position);
    const forget = () => this.#reads.delete(read);
    this.#reads.add(read);
    read.then(forget, forget);
    return read;
  }

  /**
   * Waits for a read under way, though the contract forbids that there is one: what a closed descriptor's number
   * stands for next may be another client's file.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#reads);
    await closeFile(this.#fd);
  }

  async #fill(target: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < target.length) {
      const count = await readSome(this.#fd, target, filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }
}
