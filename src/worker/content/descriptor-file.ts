import type { ContentFile } from "./content.ts";
import { closeFile, readSome, type Stat, statOpen, statOpenNow } from "./fs.ts";

/** As `ContentFile` has it, of a file whose size and identity are known. */
export interface FileMetadata {
  readonly size: number;
  readonly identity: string;
  readonly settledFrom: number;
}

/** An open descriptor, and the content up to a size or to the end. */
export class DescriptorFile implements ContentFile {
  readonly size: number | undefined;
  readonly identity: string | undefined;
  readonly settledFrom: number;
  readonly #fd: number;
  /** System calls under way. */
  readonly #calls = new Set<Promise<unknown>>();
  #closed = false;

  constructor(fd: number, { size, identity, settledFrom }: Pick<ContentFile, keyof FileMetadata>) {
    this.#fd = fd;
    this.size = size;
    this.identity = identity;
    this.settledFrom = settledFrom;
  }

  read(target: Uint8Array, position: number): Promise<number> {
    const wanted = this.size === undefined ? target : target.subarray(0, Math.max(0, this.size - position));
    return this.#during(() => this.#fill(wanted, position));
  }

  /** What the system says of the file now. */
  protected stat(): Promise<Stat> {
    return this.#during(() => statOpen(this.#fd));
  }

  /** The same, at once: only for a file of a local file system. Undefined once it is closed. */
  protected statNow(): Stat | undefined {
    return this.#closed ? undefined : statOpenNow(this.#fd);
  }

  /**
   * Waits for the calls under way, though the contract forbids reads among them: the number of a closed descriptor may
   * be another client's file next.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#calls);
    await closeFile(this.#fd);
  }

  #during<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.#closed) return Promise.reject(new Error("read after close: the descriptor may be another file's by now"));
    const call = work();
    const forget = () => this.#calls.delete(call);
    this.#calls.add(call);
    call.then(forget, forget);
    return call;
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
