import type { Storage } from "../../../main/storage/storage.ts";
import { type ByteStream, CallFailure } from "../driver-export.ts";

/** A file that a client has opened with "rb", with a position in it. */
export class OpenRead {
  readonly path: string;
  readonly #storage: Storage;
  #position = 0;

  constructor(storage: Storage, path: string) {
    this.#storage = storage;
    this.path = path;
  }

  get position(): number {
    return this.#position;
  }

  /** @throws {CallFailure} INVALID_ARGUMENT for a position before the start. */
  async seek(offset: number, whence: number): Promise<number> {
    const position = (await this.#base(whence)) + offset;
    if (position < 0) throw new CallFailure("INVALID_ARGUMENT", `file_seek: ${position} lies before the file's start`);
    this.#position = position;
    return position;
  }

  /** Sends what comes from the position on, and returns how many bytes that were. */
  async copyTo(target: ByteStream): Promise<number> {
    const content = await this.#storage.read(this.path);
    let skip = this.#position;
    let bytes = 0;
    try {
      for await (const chunk of content) {
        const rest = (chunk as Uint8Array).subarray(Math.min(skip, (chunk as Uint8Array).length));
        skip -= (chunk as Uint8Array).length - rest.length;
        if (rest.length === 0) continue;
        await target.write(rest);
        bytes += rest.length;
      }
    } finally {
      content.destroy();
    }
    this.#position += bytes;
    return bytes;
  }

  async #base(whence: number): Promise<number> {
    if (whence === 0) return 0;
    if (whence === 1) return this.#position;
    if (whence === 2) return (await this.#storage.stat(this.path)).size ?? 0;
    throw new CallFailure("INVALID_ARGUMENT", `file_seek: whence: expected 0, 1 or 2, got ${whence}`);
  }
}
