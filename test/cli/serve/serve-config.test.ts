import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Cli } from "../../helpers/cli.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { noise } from "../../helpers/raw-content.ts";
import { ack, data } from "../../helpers/raw-packets.ts";

const directory = mkdtempSync(join(tmpdir(), "tftp-config-"));
const config = join(directory, "tftp.yaml");

beforeAll(() => writeFileSync(join(directory, "a.bin"), noise(5_000)));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("--check prints what would be in effect: the command line before the file, the file before the defaults", async () => {
  writeFileSync(config, "root_dir: .\nhost: 127.0.0.1\nport: 6969\nmax_transfers: 7\n");
  const cli = new Cli(["serve", "--config", config, "--check", "--port", "70"]);
  expect(await cli.end()).toBe(0);
  expect(cli.stdout).toContain(`root_dir: ${directory}\nhost: 127.0.0.1\nport: 70\n`);
  expect(cli.stdout).toContain("\nmax_transfers: 7\nmax_transfers_per_client: 1024\n");
});

test.each([
  ["port: x\n", (path: string) => `${path}:1: port: expected a whole number from 0 to 65535, got "x"`],
  [
    "root_dir: /no/such\n",
    (path: string) => `${path}: root_dir: /no/such: there is no such directory; --create creates it`,
  ],
  [undefined, (path: string) => `--config: ENOENT: no such file or directory, open '${path}'`],
])("a wrong file is one clear line, and exit code 2: %j", async (text, message) => {
  const path = join(directory, "wrong.yaml");
  if (text !== undefined) writeFileSync(path, text);
  const cli = new Cli(["serve", "--config", path, "--check"]);
  expect(await cli.end()).toBe(2);
  expect(cli.stderr).toBe(`tftp-driver: ${message(path)}\n`);
  rmSync(path, { force: true });
});

test("a host that neither the command line nor the file names is all addresses; an empty one is the library's", async () => {
  const env = { ...process.env, HOST: "" };
  writeFileSync(config, "root_dir: .\n");
  const all = new Cli(["serve", "--config", config, "--check"], { env });
  expect(await all.end()).toBe(0);
  expect(all.stdout).toMatch(/^host: "\*"$/m);
  writeFileSync(config, 'root_dir: .\nhost: ""\n');
  const one = new Cli(["serve", "--config", config, "--check"], { env });
  expect(await one.end()).toBe(0);
  expect(one.stdout).toMatch(/^host: ""$/m);
});

test("SIGHUP reads limits again without touching a running transfer; a wrong file changes nothing", async () => {
  const text = "root_dir: .\nhost: 127.0.0.1\nport: 0\nretransmit_ms: 30000\nstart_timeout_ms: 30000\n";
  writeFileSync(config, text + files("first"));
  const cli = new Cli(["serve", "--config", config]);
  const [listening = ""] = await cli.lines(2);
  const port = Number(/:(\d+)$/.exec(listening)?.[1]);
  const blocks = { options: [["blksize", "1000"]] } as const;
  const running = await RawClient.open({ address: "127.0.0.1", port });
  expect(await running.ask("a.bin", blocks)).toMatchObject({ options: { blksize: "1000" } });

  const virtual = async (): Promise<unknown> =>
    (await (await RawClient.open({ address: "127.0.0.1", port })).request("virtual.cfg")).bytes;
  expect(await virtual()).toEqual(data(1, "first"));

  writeFileSync(config, `${text}max_block_size: 600\nsymlinks: deny\n${files("second")}`);
  cli.process.kill("SIGHUP");
  expect((await cli.lines(3))[2]).toBe(`configuration reloaded from ${config}; restart to apply symlinks`);
  const next = await RawClient.open({ address: "127.0.0.1", port });
  expect(await next.ask("a.bin", blocks)).toMatchObject({ options: { blksize: "600" } });
  expect(await virtual()).toEqual(data(1, "second"));

  writeFileSync(config, `${text}max_block_size: 6\n`);
  cli.process.kill("SIGHUP");
  expect((await cli.lines(4))[3]).toBe(
    `configuration not reloaded: ${config}:6: max_block_size: expected a whole number from 8 to 65464, or "mtu", got 6`,
  );
  const last = await RawClient.open({ address: "127.0.0.1", port });
  expect(await last.ask("a.bin", blocks)).toMatchObject({ options: { blksize: "600" } });

  for (const block of [0, 1, 2, 3, 4]) {
    await running.send(ack(block));
    await running.expectBlocks(block + 1);
  }
  await running.send(ack(6));
  cli.process.kill("SIGTERM");
  cli.process.kill("SIGTERM");
  await cli.end();
});

function files(content: string): string {
  return `files:\n  virtual.cfg: ${content}\n`;
}
