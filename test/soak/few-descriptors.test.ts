import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cliArguments } from "../helpers/cli.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { noise, sha256 } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { ack } from "../helpers/raw-packets.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const hasPrlimit = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;
const DESCRIPTORS = 64;
const BOARDS = 100;

describeOnEachTransport("a server with 64 descriptors", (transport) => {
  test.runIf(hasPrlimit)(
    "a server with 64 descriptors answers 100 boards at once, some of them with ERROR 0, and serves all of them by and by",
    async () => {
      const root = mkdtempSync(join(tmpdir(), "tftp-few-"));
      onTestFinished(() => rmSync(root, { recursive: true, force: true }));
      const content = noise(40_000);
      for (let index = 0; index < BOARDS; index++) writeFileSync(join(root, `${index}.bin`), content);
      const program = [process.execPath, ...cliArguments, "serve", root, "--host", "127.0.0.1", "--port", "0"];
      const config = join(root, "tftp.yaml");
      writeFileSync(config, `transport: ${transport}\n`);
      const limits = [`--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, ...program, "--json", "--config", config];
      const server = spawn("prlimit", limits, { stdio: ["ignore", "pipe", "inherit"] });
      onTestFinished(() => void server.kill("SIGKILL"));
      let events = "";
      server.stdout.setEncoding("utf8").on("data", (text: string) => (events += text));
      await expect.poll(() => events).toContain('"port":');
      const port = Number(/"port":(\d+)/.exec(events)?.[1]);
      const open = (): Promise<RawClient> => RawClient.open({ address: "127.0.0.1", port });

      // All of them hold what they got, so that the server runs out.
      const clients = await Promise.all(Array.from({ length: BOARDS }, open));
      const replies = await Promise.all(clients.map((client, index) => client.ask(`${index}.bin`)));
      const refused = replies.filter(({ kind }) => kind === "error");
      expect(refused.length).toBeGreaterThan(0);
      for (const reply of refused) expect(reply).toMatchObject({ kind: "error", code: 0 });
      const served = replies.flatMap(({ kind }, index) => (kind === "data" ? [clients[index] as RawClient] : []));
      expect(served.length).toBeGreaterThan(0);
      for (const client of served) {
        await client.send(ack(1));
        await client.expectBlocks(2);
        await client.send(Buffer.from("\0\u0005\0\0enough\0"));
      }
      const digest = sha256(content);
      for (let index = 0; index < BOARDS; index++) {
        await expect.poll(async () => await digestOf(await open(), index)).toBe(digest);
      }
      expect(events).not.toContain("worker-crashed");
      const ended = once(server, "exit");
      server.kill("SIGTERM");
      expect(await ended).toEqual([0, null]);
    },
  );
});

/** Undefined if the server refuses: not all descriptors may be free again yet. */
async function digestOf(client: RawClient, index: number): Promise<string | undefined> {
  const { content } = await download(client, `${index}.bin`, { options: [["blksize", "1468"]] }).catch(() => ({
    content: undefined,
  }));
  client.close();
  return content && sha256(content);
}
