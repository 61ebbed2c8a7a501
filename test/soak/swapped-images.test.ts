import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { usualTransport } from "../helpers/raw-transports.ts";

const swaps = 1_000;
const options = [
  ["blksize", "1468"],
  ["windowsize", "16"],
] as const;

/** One version of an image: every byte depends on the version, and so does the length. */
function image(version: number): Buffer {
  return noise(60_000 + version, version % 251);
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

// A thousand files are written, each by a dozen system calls, beside boards that never rest: slow on a busy machine.
test(`an image that is swapped ${swaps} times under load reaches every board whole`, async () => {
  const server = new TestServer({ transport: usualTransport(), journal: false });
  onTestFinished(() => server.close());
  await server.start();
  const { storage } = server.tftp;
  const known = new Set<string>();
  await storage.write("image", image(0));
  known.add(digest(image(0)));
  const swapped = new AbortController();
  const board = async (): Promise<number> => {
    let boots = 0;
    while (!swapped.signal.aborted) {
      const client = await server.client();
      const { content } = await download(client, "image", { options });
      client.close();
      expect(known.has(digest(content)), "one of the images, whole").toBe(true);
      boots += 1;
    }
    return boots;
  };
  const boards = Promise.all([board(), board()]);
  for (let version = 1; version <= swaps; version += 1) {
    const next = image(version);
    known.add(digest(next));
    // Half of it in pieces, so that there is a moment in which it is not whole.
    const content = version % 2 === 0 ? next : Readable.from([next.subarray(0, 30_000), next.subarray(30_000)]);
    await storage.write("image", content, { sync: false });
  }
  swapped.abort();
  const boots = await boards;
  expect(Math.min(...boots)).toBeGreaterThan(0);
  expect(readdirSync(server.root)).toEqual(["image"]);
  const last = await download(await server.client(), "image", { options });
  expect(digest(last.content)).toBe(digest(image(swaps)));
}, 180_000);
