import type { Operator } from "opendal";

/**
 * What one request of a multipart upload carries: services ask for 5 MiB at least, and take 10,000 parts at most, which
 * makes 48 GiB. One at a time, for OpenDAL gathers without limit what it is to send at the same time.
 */
const PART_BYTES = 5 * 1024 * 1024;

/** An object on its way; nobody sees it before it is closed. */
export interface ObjectWriter {
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<unknown>;
}

/** In parts where the service takes an object in parts; else it is gathered here and sent in one piece. */
export async function openObjectWriter(operator: Operator, path: string): Promise<ObjectWriter> {
  if (operator.capability().writeCanMulti) return operator.writer(path, { chunk: BigInt(PART_BYTES) });
  const pieces: Uint8Array[] = [];
  return {
    write: async (bytes) => void pieces.push(bytes),
    close: () => operator.write(path, Buffer.concat(pieces)),
  };
}
