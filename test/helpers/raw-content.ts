import { createCipheriv, createHash } from "node:crypto";

/** Bytes that look random and are the same in every run: a lost, doubled or swapped block changes their digest. */
export function noise(length: number, seed = 1): Buffer {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
