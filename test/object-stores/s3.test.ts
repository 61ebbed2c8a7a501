import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { TftpOptions } from "../../src/index.ts";
import { digestsLength, entryKey } from "../../src/worker/content/object-store/disk-cache/cache-entry.ts";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack, decode } from "../helpers/raw-packets.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { Relay } from "../helpers/relay.ts";
import { isVersitygwAbsent, S3Server } from "../helpers/versitygw.ts";

// A server here starts a thread and a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const options = [
  ["blksize", "32768"],
  ["windowsize", "8"],
] as const;

describe.skipIf(isVersitygwAbsent() || isOpenDalAbsent())("an S3 server as the source", () => {
  const s3 = new S3Server();
  const image = noise(5_000_000);
  /** Without a cache, for all tests that need no server of their own. */
  let shared: TestServer;
  beforeAll(async () => {
    await s3.start();
    shared = new TestServer({ source: s3.source });
    await shared.start();
  });
  afterAll(async () => {
    await shared.close();
    await s3.close();
  });

  test("20 MiB arrive from S3 with the right bytes, cold and warm, and warm nothing is fetched again", async () => {
    const big = noise(20 << 20, 7);
    await s3.put("big.bin", big);
    const cacheDir = directory();
    const first = await serve({ cacheDir });
    expect(await digestOf(first, "big.bin")).toBe(sha256(big));
    await expect.poll(() => entries(cacheDir)).toEqual([entryLength(20 << 20)]);
    await first.close();
    const relay = await new Relay(s3.port).start();
    onTestFinished(() => relay.close());
    const second = await serve({ cacheDir, source: { ...s3.source, endpoint: `http://127.0.0.1:${relay.port}` } });
    // Whether the store can be reached is asked while the server starts, and not waited for.
    await expect.poll(() => relay.requests).toEqual(["GET"]);
    expect(await digestOf(second, "big.bin")).toBe(sha256(big));
    expect(relay.requests).toEqual(["GET", "HEAD"]);
  });

  test("without a cache on disk many clients at once get the right bytes from S3", async () => {
    await s3.put("image.bin", image);
    const server = await serve({ readAheadBytes: 1 << 20 });
    const digests = await Promise.all(Array.from({ length: 8 }, () => digestOf(server, "image.bin")));
    expect(new Set(digests)).toEqual(new Set([sha256(image)]));
  });

  test("an empty object arrives, and one whose name has a space, a colon and letters beyond ASCII", async () => {
    await s3.put("empty", Buffer.alloc(0));
    await s3.put("größe 1:2.bin", image);
    const server = shared;
    expect((await download(await server.client(), "empty", { options })).content).toHaveLength(0);
    expect(await digestOf(server, "größe 1:2.bin")).toBe(sha256(image));
  });

  test("an object without an etag is identified by its time: replaced in mid-transfer it draws ERROR 0", async () => {
    const path = join(s3.bucketDir, "bare.bin");
    writeFileSync(path, noise(8 << 20));
    utimesSync(path, 1_000_000_000, 1_000_000_000);
    const server = shared;
    const client = await server.client();
    const swapped = download(client, "bare.bin", {
      options,
      onBlock: (block) => {
        if (block === 8) writeFileSync(path, noise(8 << 20, 2));
      },
    });
    await expect(swapped).rejects.toThrow('"code":0');
    expect(await server.endOf(client)).toMatchObject({ outcome: "failed", cause: { name: "StoreError" } });
  });

  test("backslashes are read as slashes if there is no such key", async () => {
    await s3.put("kernel.bin", image);
    const server = shared;
    expect(await digestOf(server, "\\kernel.bin")).toBe(sha256(image));
  });

  test("a missing key draws ERROR 1 without detail, and an event with the store's message", async () => {
    const server = await serve();
    const reply = decode((await (await server.client()).request("nope.bin")).bytes);
    expect(reply).toMatchObject({ kind: "error", code: 1, text: "File not found" });
    await expect
      .poll(() => server.refused)
      .toMatchObject([{ reason: "not-found", cause: { message: expect.stringContaining("NotFound") as string } }]);
  });

  test("a name that is not UTF-8 draws ERROR 1 from an object store", async () => {
    const server = shared;
    const client = await server.client();
    const name = Buffer.from([0x66, 0xff]);
    expect(decode((await client.request(name)).bytes)).toMatchObject({ kind: "error", code: 1 });
  });

  test("wrong credentials draw ERROR 2, and an event with the store's message", async () => {
    await s3.put("image.bin", image);
    const server = await serve({ source: { ...s3.source, secret_access_key: "wrong" } });
    const reply = decode((await (await server.client()).request("image.bin")).bytes);
    expect(reply).toMatchObject({ kind: "error", code: 2, text: "Permission denied" });
    await expect
      .poll(() => server.refused)
      .toMatchObject([
        { reason: "forbidden", cause: { message: expect.stringContaining("PermissionDenied") as string } },
      ]);
  });

  test("an object that is replaced in mid-transfer draws ERROR 0, never a mixture", async () => {
    await s3.put("swap.bin", noise(8 << 20, 3));
    const server = shared;
    const client = await server.client();
    const swapped = download(client, "swap.bin", {
      options,
      onBlock: async (block) => {
        if (block === 8) await s3.put("swap.bin", noise(8 << 20, 4));
      },
    });
    await expect(swapped).rejects.toThrow('"code":0');
    expect(await server.endOf(client)).toMatchObject({ outcome: "failed", cause: { name: "StoreError" } });
    expect(await digestOf(server, "swap.bin")).toBe(sha256(noise(8 << 20, 4)));
  });

  test("a store killed in mid-transfer is ERROR 0, outcome failed with the cause; back again, it serves", async () => {
    await s3.put("cut.bin", noise(16 << 20, 5));
    const server = await serve();
    const client = await server.client();
    const cut = download(client, "cut.bin", {
      options,
      onBlock: async (block) => {
        if (block === 8) await s3.kill();
      },
    });
    await expect(cut).rejects.toThrow('"code":0');
    expect(await server.endOf(client)).toMatchObject({ outcome: "failed", cause: { name: "StoreError" } });
    const refused = decode((await (await server.client()).request("cut.bin")).bytes);
    expect(refused).toMatchObject({ kind: "error", code: 0, text: "Cannot read file" });
    await expect.poll(() => server.refused).toMatchObject([{ reason: "read-error", cause: { name: "StoreError" } }]);
    await s3.start();
    expect(await digestOf(server, "cut.bin")).toBe(sha256(noise(16 << 20, 5)));
  });

  test("a size probe costs the store no content", async () => {
    await s3.put("probed.bin", image);
    const cacheDir = directory();
    const server = await serve({ cacheDir });
    const client = await server.client();
    const offer = decode((await client.request("probed.bin", { options: [["tsize", "0"]] })).bytes);
    expect(offer).toMatchObject({ kind: "oack", options: { tsize: String(image.length) } });
    expect(readdirSync(cacheDir)).toEqual([]);
    await client.send(ack(0));
    await client.receive();
    await expect.poll(() => entries(cacheDir)).toEqual([entryLength(image.length)]);
  });

  test("an object that a client gave up on is brought into the cache to its end", async () => {
    await s3.put("given-up.bin", noise(6 << 20, 6));
    const cacheDir = directory();
    const server = await serve({ cacheDir });
    const client = await server.client();
    await client.request("given-up.bin");
    await client.send(Buffer.from([0, 5, 0, 0, 0]));
    await expect.poll(() => entries(cacheDir)).toEqual([entryLength(6 << 20)]);
  });

  test("two servers that share a cache directory serve the right bytes, and leave whole entries only", async () => {
    await s3.put("shared.bin", noise(12 << 20, 8));
    const cacheDir = directory();
    const servers = [await serve({ cacheDir }), await serve({ cacheDir })];
    const digests = await Promise.all([...servers, ...servers].map((server) => digestOf(server, "shared.bin")));
    expect(new Set(digests)).toEqual(new Set([sha256(noise(12 << 20, 8))]));
    await expect.poll(() => entries(cacheDir)).toEqual([entryLength(12 << 20)]);
    await expect.poll(() => readdirSync(cacheDir).length).toBe(1);
  });

  async function serve(given: TftpOptions = {}): Promise<TestServer> {
    const server = new TestServer({ source: s3.source, ...given });
    onTestFinished(() => server.close());
    await server.start();
    return server;
  }
});

async function digestOf(server: TestServer, file: string): Promise<string> {
  return sha256((await download(await server.client(), file, { options })).content);
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "tftp-cache-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** How long the entry of an object is: its content, the digests, and a footer of one length. */
function entryLength(size: number): number {
  return size + digestsLength(size) + entryKey("").footer.length;
}

/** The lengths of the entries. */
function entries(cacheDir: string): number[] {
  const names = readdirSync(cacheDir).filter((name) => name.endsWith(".entry"));
  return names.map((name) => statSync(join(cacheDir, name)).size);
}
