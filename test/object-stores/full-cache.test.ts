import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cliArguments } from "../helpers/cli.ts";
import { isOpenDalAbsent } from "../helpers/opendal.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";

const MOUNT = ["unshare", "--mount", "sh", "-c"] as const;
const mountsAreAbsent =
  process.env["REQUIRE_CLIENTS"] !== "1" &&
  spawnSync(MOUNT[0], [...MOUNT.slice(1), "mount -t tmpfs -o size=1m tmpfs /tmp"]).status !== 0;

describe.skipIf(mountsAreAbsent || isOpenDalAbsent())("a cache on a full disk", () => {
  test("a cache on a full disk (ENOSPC) is a warning; boards get their bytes without it, and nothing is left half-written", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tftp-full-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const [root, cache, config] = ["root", "cache", "tftp.yaml"].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(root);
    mkdirSync(cache, { mode: 0o700 });
    const [small, big] = [noise(200_000), noise(3_000_000, 2)];
    writeFileSync(join(root, "small.bin"), small);
    writeFileSync(join(root, "big.bin"), big);
    // What was written a moment ago is not cached: its time does not yet prove that it stays what it is.
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of ["small.bin", "big.bin"]) utimesSync(join(root, name), longAgo, longAgo);
    writeFileSync(config, `source: { scheme: fs, root: ${root} }\ncache_dir: ${cache}\n`);
    const serve = [
      process.execPath,
      ...cliArguments,
      "serve",
      "--config",
      config,
      "--host",
      "127.0.0.1",
      "--port",
      "0",
    ];
    // The file system is in a mount namespace of the server's own, and goes with it. It lists what is in the cache.
    const script = `mount -t tmpfs -o size=1m,mode=700 tmpfs ${cache} && "$@" --json; ls ${cache} | sed 's/^/left: /'`;
    const server = spawn(MOUNT[0], [...MOUNT.slice(1), script, "sh", ...serve], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void server.kill("SIGKILL"));
    let output = "";
    server.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    await expect.poll(() => output).toContain('"port":');
    const port = Number(/"port":(\d+)/.exec(output)?.[1]);
    const fetch = async (name: string): Promise<string> => {
      const client = await RawClient.open({ address: "127.0.0.1", port });
      const { content } = await download(client, name, { options: [["blksize", "8192"]] });
      return sha256(content);
    };
    expect(await fetch("big.bin")).toBe(sha256(big));
    await expect.poll(() => output).toMatch(/"warning".*the cache cannot be written to.*ENOSPC/);
    expect(await fetch("small.bin")).toBe(sha256(small));
    expect(await fetch("big.bin")).toBe(sha256(big));
    expect(output).not.toContain("worker-crashed");
    const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8");
    const pid = Number(children.trim().split(" ")[0]);
    process.kill(pid, "SIGTERM");
    await new Promise((resolve) => server.once("close", resolve));
    expect(output).not.toMatch(/^left: .*part/m);
  }, 180_000);
});
