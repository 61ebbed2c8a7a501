import type { ContentFile } from "./content.ts";

/** The same bytes are the same content: transfers of them share what is framed. */
const identities = new WeakMap<Uint8Array, string>();
let next = 1;

/** A file in memory, which never changes. */
export class BytesFile implements ContentFile {
  readonly size: number;
  readonly identity: string;
  readonly settledFrom = 0;
  readonly #bytes: Uint8Array;
  readonly #release: () => void;

  /** @param release Called once, when the file is closed. */
  constructor(bytes: Uint8Array, release: () => void = () => {}) {
    this.size = bytes.length;
    this.identity = identities.get(bytes) ?? `bytes:${next++}`;
    identities.set(bytes, this.identity);
    this.#bytes = bytes;
    this.#release = release;
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    const part = this.#bytes.subarray(position, position + target.length);
    target.set(part);
    return part.length;
  }

  async close(): Promise<void> {
    this.#release();
  }
}
