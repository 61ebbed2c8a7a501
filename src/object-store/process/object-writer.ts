import type { Operator } from "opendal";

/**
 * The size of a part of a multipart upload. Services require at least 5 MiB and allow at most 10,000 parts, which makes
 * 48 GiB. Parts are sent one at a time, because OpenDAL buffers concurrent ones without limit.
 */
const PART_BYTES = 5 * 1024 * 1024;

/** An object that is being written. Readers see it only once it is closed. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<unknown>;
}

/** Writes in parts if the service supports that; otherwise buffers the object and sends it in one piece. */
export async function openObjectWriter(operator: Operator, path: string): Promise<ObjectWriter> {
  if (operator.capability().writeCanMulti) return operator.writer(path, { chunk: BigInt(PART_BYTES) });
  const pieces: Uint8Array[] = [];
  return {
    write: async (bytes) => void pieces.push(bytes),
    close: () => operator.write(path, Buffer.concat(pieces)),
  };
}
