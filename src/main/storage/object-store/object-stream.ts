import { Readable } from "node:stream";
import type { ObjectStat } from "../../../object-store/client/store-api.ts";
import type { StoreClient } from "../../../object-store/client/store-client.ts";

/** How much is fetched by one request, in bytes. */
const RANGE = 1024 * 1024;

/** An object's content; it fails if the object is replaced meanwhile. The next part is fetched while one is used. */
export function streamObject(client: StoreClient, path: string, stat: ObjectStat): Readable {
  const fetch = (at: number): Promise<Uint8Array> | undefined => {
    if (at >= stat.size) return undefined;
    const range = client.callAgain("read", path, stat, at, Math.min(RANGE, stat.size - at));
    // The reader gets the error when it comes to this range; after the stream was destroyed no reader does.
    range.catch(() => {});
    return range;
  };
  return Readable.from(
    (async function* () {
      let next = fetch(0);
      for (let at = RANGE; next; at += RANGE) {
        const range = await next;
        next = fetch(at);
        yield range;
      }
    })(),
    { objectMode: false, highWaterMark: RANGE },
  );
}
