import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { decode } from "../helpers/raw-packets.ts";
import { TestServer } from "../helpers/raw-server.ts";

// A server here starts a thread and a process, on a machine that may have other work.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 90_000 });

describe.skipIf(isOpenDalAbsent())("sources without a network", () => {
  test("the scheme fs serves files, and what is no file is refused by what it is", async () => {
    const root = directory();
    const image = noise(3_000_000);
    mkdirSync(join(root, "board1"));
    writeFileSync(join(root, "board1", "image.bin"), image);
    const server = await serve({ scheme: "fs", root });
    const { content } = await download(await server.client(), "/board1/image.bin", { options: [["blksize", "1468"]] });
    expect(sha256(content)).toBe(sha256(image));
    for (const [name, code] of [
      ["board1", 2],
      ["board1/image.bin/x", 1],
      ["board1/nope", 1],
      ["../board1/image.bin", 2],
    ] as const) {
      const reply = decode((await (await server.client()).request(name)).bytes);
      expect(reply, name).toMatchObject({ kind: "error", code });
    }
  });

  test("a file of the scheme fs that is replaced in mid-transfer draws ERROR 0: fs knows no If-Match", async () => {
    const root = directory();
    writeFileSync(join(root, "swap.bin"), noise(8 << 20));
    const server = await serve({ scheme: "fs", root });
    const client = await server.client();
    const swapped = download(client, "swap.bin", {
      options: [["blksize", "8192"]],
      onBlock: (block) => {
        if (block === 4) writeFileSync(join(root, "swap.bin"), noise(8 << 20, 2));
      },
    });
    await expect(swapped).rejects.toThrow('"code":0');
    expect(await server.endOf(client)).toMatchObject({ outcome: "failed", cause: { name: "StoreError" } });
  });

  test("the scheme memory serves: it has nothing, which is ERROR 1", async () => {
    const server = await serve({ scheme: "memory" });
    const reply = decode((await (await server.client()).request("nope")).bytes);
    expect(reply).toMatchObject({ kind: "error", code: 1 });
  });

  test("a scheme that OpenDAL does not know fails the start with OpenDAL's message, and leaves nothing behind", async () => {
    const server = new TestServer({ source: { scheme: "nonesuch" } });
    onTestFinished(() => server.close());
    await expect(server.start()).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining("nonesuch") as string,
    });
    expect(server.tftp.state).toBe("stopped");
  });

  test.skipIf(process.platform !== "linux")(
    "OpenDAL is never loaded into this process, which it could end",
    async () => {
      const server = await serve({ scheme: "memory" });
      await server.tftp.storage.write("a", "content");
      expect((await download(await server.client(), "a")).content.toString()).toBe("content");
      expect(readFileSync("/proc/self/maps", "utf8")).not.toContain("opendal");
      const [child] = processesOfStores();
      expect(readFileSync(`/proc/${child}/maps`, "utf8")).toContain("opendal");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "a source process that dies is reported, and replaced when the next request comes",
    async () => {
      const root = directory();
      writeFileSync(join(root, "a"), "content");
      const server = await serve({ scheme: "fs", root });
      const warned = new Promise<string>((resolve) => server.tftp.on("warning", ({ message }) => resolve(message)));
      const [child] = processesOfStores();
      process.kill(child as number, "SIGKILL");
      expect(await warned).toContain("SIGKILL");
      const { content } = await download(await server.client(), "a");
      expect(content.toString()).toBe("content");
    },
  );
});

async function serve(source: { scheme: string; root?: string }): Promise<TestServer> {
  const server = new TestServer({ source });
  onTestFinished(() => server.close());
  await server.start();
  return server;
}

/** Of this process. */
function processesOfStores(): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return children.map(Number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("/object-store/"));
}

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "tftp-source-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
