import type { ObjectStat } from "../../../object-store/client/store-api.ts";

/** HTTP dates, and with them most stores' times, tick in seconds; FAT's, behind the service "fs", in two. */
const COARSEST_TICK_MS = 2_000;

/** What proves that two openings of an object see the same content, and from when on; as `ContentFile` has it. */
export interface ObjectIdentity {
  readonly identity: string | undefined;
  readonly settledFrom: number;
}

export function identify(key: string, { size, etag, lastModified }: ObjectStat): ObjectIdentity {
  // A strong validator changes with every byte; a weak one need not (RFC 9110 section 8.8.1).
  if (etag !== undefined && !etag.startsWith("W/")) return { identity: join(key, size, etag), settledFrom: 0 };
  if (lastModified === undefined) return { identity: undefined, settledFrom: 0 };
  const settledFrom = Date.parse(lastModified) + COARSEST_TICK_MS;
  return { identity: join(key, size, `${etag ?? ""} ${lastModified}`), settledFrom };
}

/** No key holds a NUL. */
function join(key: string, size: number, version: string): string {
  return `${key}\0${size}\0${version}`;
}
