import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { SourceConfig, TftpOptions } from "../../src/index.ts";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { isVersitygwAbsent, S3Server } from "../helpers/versitygw.ts";

// A server here starts a thread and a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

const s3 = new S3Server();
beforeAll(async () => {
  if (!isVersitygwAbsent()) await s3.start();
});
afterAll(() => s3.close());

const content = noise(10_000_000);

describe.skipIf(isOpenDalAbsent()).each([["memory"], ["fs"], ["s3"]])(
  "storage on a source of the scheme %s",
  (scheme) => {
    test.skipIf(scheme === "s3" && isVersitygwAbsent())(
      "a file written to a source is served, and storage's other promises hold",
      async () => {
        const server = newServer(sourceOf(scheme));
        const { storage } = server.tftp;
        const root = `${scheme}-all`;
        expect(await storage.write(`${root}/a/image.bin`, content)).toEqual({ bytes: content.length, created: true });
        expect(await storage.write(`${root}/hello.txt`, "hello")).toEqual({ bytes: 5, created: true });
        expect(await storage.write(`${root}/hello.txt`, "hello again")).toEqual({ bytes: 11, created: false });
        expect(await storage.stat(`${root}/a/image.bin`)).toMatchObject({ type: "file", size: content.length });
        expect(await storage.stat(`${root}/a`)).toEqual({ path: `${root}/a`, type: "directory" });
        expect(await storage.exists(`${root}/nope`)).toBe(false);
        expect((await storage.list(root, { recursive: true })).map(({ path }) => path)).toEqual([
          `${root}/a`,
          `${root}/a/image.bin`,
          `${root}/hello.txt`,
        ]);
        expect(await storage.list(root)).toMatchObject([
          { path: `${root}/a`, type: "directory" },
          { path: `${root}/hello.txt`, type: "file", size: 11 },
        ]);
        expect(await storage.hash(`${root}/a/image.bin`, "md5")).toBe(createHash("md5").update(content).digest("hex"));

        await server.start();
        expect(await digestOf(server, `${root}/a/image.bin`)).toBe(sha256(content));

        await storage.copy(`${root}/hello.txt`, `${root}/b/copy.txt`);
        await storage.rename(`${root}/b`, `${root}/c`);
        expect(await storage.exists(`${root}/b`)).toBe(false);
        expect(Buffer.from(await storage.readBytes(`${root}/c/copy.txt`)).toString()).toBe("hello again");
        await expect(storage.delete(`${root}/c`)).rejects.toMatchObject({ code: "FORBIDDEN" });
        await storage.delete(`${root}/c/copy.txt`);
        await expect(storage.read(`${root}/c/copy.txt`)).rejects.toMatchObject({ code: "NOT_FOUND" });
        await storage.createDir(`${root}/empty`);
        expect(await storage.stat(`${root}/empty`)).toMatchObject({ type: "directory" });
        await storage.removeAll(`${root}/a`);
        expect(await storage.exists(`${root}/a/image.bin`)).toBe(false);
        await expect(storage.write("../outside", "x")).rejects.toMatchObject({ code: "PATH_OUTSIDE_ROOT" });
      },
    );

    test.skipIf(scheme === "s3" && isVersitygwAbsent())(
      "an aborted write to a source leaves nothing behind, and the old content as it was",
      async () => {
        const { storage } = newServer(sourceOf(scheme)).tftp;
        await storage.write(`${scheme}-kept.bin`, "old");
        const controller = new AbortController();
        async function* endless(): AsyncGenerator<Uint8Array> {
          for (let count = 0; ; count += 1) {
            if (count === 10) controller.abort();
            yield noise(1 << 20);
          }
        }
        for (const path of [`${scheme}-kept.bin`, `${scheme}-new/x.bin`]) {
          const write = storage.write(path, endless(), { signal: controller.signal });
          await expect(write).rejects.toMatchObject({ code: "ABORTED" });
        }
        expect(Buffer.from(await storage.readBytes(`${scheme}-kept.bin`)).toString()).toBe("old");
        const left = (await storage.list("", { recursive: true })).filter(({ type }) => type === "file");
        expect(left.filter(({ path }) => path.startsWith(scheme))).toMatchObject([{ path: `${scheme}-kept.bin` }]);
      },
    );
  },
);

describe.skipIf(isOpenDalAbsent())("close() on a source", () => {
  test("close() removes from a source what storage made, not what was there before or what others replaced", async () => {
    const root = directory();
    writeFileSync(join(root, "before"), "before");
    const source = { scheme: "fs", root };
    const server = newServer(source);
    const { storage } = server.tftp;
    await storage.write("before", "changed");
    await storage.write("made/by/us.bin", content);
    await storage.write("replaced", "ours");
    writeFileSync(join(root, "replaced"), "theirs, and longer");
    await server.close();
    expect(readdirSync(root).sort()).toEqual(["before", "replaced"]);
  });

  test("an unfinished upload is neither served nor listed, and is removed", async () => {
    const root = directory();
    const server = newServer({ scheme: "fs", root });
    const { storage } = server.tftp;
    let seen: string[] = [];
    async function* watching(): AsyncGenerator<Uint8Array> {
      yield noise(1 << 20);
      seen = [...readdirSync(root), ...(await storage.list()).map(({ path }) => path)];
      yield noise(1 << 20);
    }
    await storage.write("image.bin", watching());
    expect(seen).toEqual([expect.stringMatching(/^\.tftp-driver-tmp-/)]);
    expect(readdirSync(root)).toEqual(["image.bin"]);
  });
});

test.skipIf(isOpenDalAbsent() || isVersitygwAbsent())(
  "an image swapped under load arrives old or new, never mixed",
  { timeout: 60_000 },
  async () => {
    const server = newServer(sourceOf("s3"), { retransmitMs: 5_000 });
    const images = [noise(2_000_000, 11), noise(2_000_000, 12)];
    await server.tftp.storage.write("swapped.bin", images[0]!);
    await server.start();
    const digests = new Set(images.map(sha256));
    let swaps = 0;
    const enough = new AbortController();
    const swapper = (async () => {
      for (; !enough.signal.aborted; swaps += 1) await server.tftp.storage.write("swapped.bin", images[swaps % 2]!);
    })();
    for (let round = 0; round < 20; round += 1) {
      // One that is cut off by a swap gets an ERROR, and asks again.
      const digest = await digestOf(server, "swapped.bin").catch(() => undefined);
      if (digest === undefined) continue;
      expect(digests).toContain(digest);
    }
    enough.abort();
    await swapper;
    expect(swaps).toBeGreaterThan(0);
    expect(await digestOf(server, "swapped.bin")).toBe(sha256(images[(swaps - 1) % 2]!));
  },
);

function sourceOf(scheme: string): SourceConfig {
  if (scheme === "s3") return s3.source;
  return scheme === "fs" ? { scheme, root: directory() } : { scheme };
}

function newServer(source: SourceConfig, options: TftpOptions = {}): TestServer {
  const server = new TestServer({ source, journal: false, ...options });
  onTestFinished(() => server.close().catch(() => {}));
  return server;
}

async function digestOf(server: TestServer, file: string): Promise<string> {
  const options = [
    ["blksize", "8192"],
    ["windowsize", "8"],
  ] as const;
  return sha256((await download(await server.client(), file, { options })).content);
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "tftp-source-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
