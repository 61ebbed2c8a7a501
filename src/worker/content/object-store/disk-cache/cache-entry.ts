import { extentsFrom } from "../extents.ts";
import { nodeCrypto } from "../../../../shared/lazy-builtins.ts";

const MAGIC = "\ntftp-driver cache 2\n";
const DIGEST_BYTES = 32;
const ENTRY = ".entry";

/**
 * What an entry is called, and what its file ends with: by that it is known to be whole, and to be ours. Between the
 * content and this stand the digests of its extents, in order.
 */
export interface EntryKey {
  readonly name: string;
  readonly footer: Buffer;
}

/** @param identity of the content: key, size, and etag or time (`ContentFile.identity`). */
export function entryKey(identity: string): EntryKey {
  const name = nodeCrypto().createHash("sha256").update(identity).digest("hex");
  return { name: name + ENTRY, footer: Buffer.from(MAGIC + name) };
}

/** A name for the file of an entry that is still being written. `token`: 16 hexadecimal digits that make it unique. */
export function partName({ name }: EntryKey, token: string): string {
  return `${name}.${token}.part`;
}

/** Nothing else in the directory is ever removed. */
export function isEntryName(name: string): boolean {
  return /^[0-9a-f]{64}\.entry$/.test(name);
}

export function isPartName(name: string): boolean {
  return /^[0-9a-f]{64}\.entry\.[0-9a-f]{16}\.part$/.test(name);
}

/** SHA-256 of an extent. */
export function digestOf(bytes: Uint8Array): Buffer {
  return nodeCrypto().createHash("sha256").update(bytes).digest();
}

/** Of an object of that size: each extent by its start, and the offset of its digest among the others, in bytes. */
export function digestPlaces(size: number): ReadonlyMap<number, number> {
  const places = new Map<number, number>();
  for (const { start } of extentsFrom(0, size)) places.set(start, places.size * DIGEST_BYTES);
  return places;
}

/** How much all digests of an object of that size take, in bytes. */
export function digestsLength(size: number): number {
  return digestPlaces(size).size * DIGEST_BYTES;
}

/** The digest that stands there. */
export function digestAt(digests: Buffer, place: number): Buffer {
  return digests.subarray(place, place + DIGEST_BYTES);
}
