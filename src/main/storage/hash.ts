import type { Readable } from "node:stream";
import { TftpError } from "../../contract/errors.ts";
import { showValue } from "../../contract/text/show-value.ts";
import type { HashAlgorithm } from "./types.ts";
import { nodeCrypto } from "../../shared/lazy-builtins.ts";

/** @throws {TftpError} INVALID_OPTION */
export function checkAlgorithm(algorithm: unknown): void {
  if (algorithm === "sha256" || algorithm === "md5") return;
  throw new TftpError("INVALID_OPTION", `algorithm: expected "sha256" or "md5", got ${showValue(algorithm)}`);
}

/** The hash of all that comes from the stream, in hexadecimal. */
export async function hashOf(content: Readable, algorithm: HashAlgorithm): Promise<string> {
  const hash = nodeCrypto().createHash(algorithm);
  for await (const chunk of content) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}
