import { createHash } from "node:crypto";

const MAGIC = "\ntftp-driver cache 1\n";

/** The file of an entry, and that of one which is still being written. */
export const ENTRY = ".entry";
export const PART = ".part";

/** What an entry is called, and what its file ends with: by that it is known to be whole, and to be ours. */
export interface EntryKey {
  readonly name: string;
  readonly footer: Buffer;
}

/** @param identity of the content: key, size, and etag or time (`ContentFile.identity`). */
export function entryKey(identity: string): EntryKey {
  const name = createHash("sha256").update(identity).digest("hex");
  return { name: name + ENTRY, footer: Buffer.from(MAGIC + name) };
}
