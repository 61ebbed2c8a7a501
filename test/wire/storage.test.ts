import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { Readable } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import { Tftp } from "../../src/index.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport, type TransportName } from "../helpers/raw-transports.ts";

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

async function running(transport: TransportName | "auto"): Promise<TestServer> {
  const server = new TestServer({ transport, journal: false });
  onTestFinished(() => server.close());
  await server.start();
  return server;
}

describeOnEachTransport("storage while boards boot", (transport) => {
  test("a board that asks during the upload gets the old image, or none, and then the new one", async () => {
    const server = await running(transport);
    const { storage } = server.tftp;
    const content = new Readable({ read() {} });
    content.push(noise(300_000, 1));
    const upload = storage.write("boards/one/zImage", content);
    await expect.poll(() => storage.list("", { recursive: true })).toHaveLength(2);
    await expect.poll(() => readdirSync(`${server.root}/boards/one`)).toHaveLength(1);
    expect(await (await server.client()).ask("boards/one/zImage")).toMatchObject({ kind: "error", code: 1 });
    const unfinished = readdirSync(`${server.root}/boards/one`);
    expect(await (await server.client()).ask(`boards/one/${unfinished[0]}`)).toMatchObject({ kind: "error", code: 1 });
    content.push(noise(300_000, 2));
    content.push(null);
    await upload;
    const { content: got } = await download(await server.client(), "boards/one/zImage", { options });
    expect(got.equals(Buffer.concat([noise(300_000, 1), noise(300_000, 2)]))).toBe(true);
  });

  test("a board that fetches what is removed gets it whole; the next one gets none", async () => {
    const server = await running(transport);
    await server.tftp.storage.write("image", image(7));
    const { content } = await download(await server.client(), "image", {
      onBlock: async (block) => {
        if (block === 2) await server.tftp.storage.delete("image");
      },
    });
    expect(digest(content)).toBe(digest(image(7)));
    expect(await (await server.client()).ask("image")).toMatchObject({ kind: "error", code: 1 });
  });
});

test("storage works before the start and after the stop, and close() removes what it made", async () => {
  const server = new TestServer({ journal: false }, { "kept.txt": "kept" });
  const { storage } = server.tftp;
  await storage.write("boards/one", "one");
  await server.start();
  const { content } = await download(await server.client(), "boards/one");
  expect(content.toString()).toBe("one");
  await server.tftp.stop();
  await storage.write("boards/two", "two");
  expect(await storage.list("boards")).toHaveLength(2);
  await server.tftp.close();
  expect(readdirSync(server.root)).toEqual(["kept.txt"]);
  await server.close();
});

test("two drivers on one root serve each other's files, and each removes its own", async () => {
  const first = new TestServer({ journal: false });
  onTestFinished(() => first.close());
  const second = new Tftp({
    rootDir: first.root,
    host: "127.0.0.1",
    port: 0,
    journal: false,
    stopGraceMs: 0,
  });
  onTestFinished(() => second.close());
  await Promise.all([first.start(), second.start()]);
  await first.tftp.storage.write("a", "from the first");
  await second.storage.write("b", "from the second");
  const { content } = await download(await first.client(), "b");
  expect(content.toString()).toBe("from the second");
  await second.close();
  expect(readdirSync(first.root)).toEqual(["a"]);
});

test("a file that storage cannot remove is reported as a warning", async () => {
  const server = new TestServer({ journal: false });
  onTestFinished(() => server.close());
  const warnings: string[] = [];
  server.tftp.on("warning", ({ message }) => warnings.push(message));
  await server.tftp.storage.write("directory/a", "a");
  server.write({ "directory/theirs": "theirs" });
  await server.tftp.close();
  expect(warnings).toEqual(["storage: directory stays: others have put something into it"]);
  expect(await server.tftp.storage.leftovers()).toEqual([{ path: "directory", type: "directory", reason: "in-use" }]);
});
