import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Cli } from "../helpers/cli.ts";
import { RawClient } from "../helpers/raw-client.ts";

test("NODE_DEBUG=tftp writes states, calls, events and requests to stderr", async () => {
  const lines = await served({ NODE_DEBUG: "tftp" });
  for (const line of [
    "state stopped -> starting",
    "call start",
    "start was answered",
    "state starting -> running",
    'event {"type":"listening",',
    "request 1 of 127.0.0.1 port ",
    String.raw`\x1b[2J.txt octet`,
    "state running -> stopping",
    "state stopping -> stopped",
  ]) {
    expect(
      lines.some((each) => /^TFTP \d+: /.test(each) && each.includes(line)),
      `${line}\n${lines.join("\n")}`,
    ).toBe(true);
  }
});

test("without NODE_DEBUG nothing of that is written", async () => {
  expect((await served({})).filter((line) => line.startsWith("TFTP"))).toEqual([]);
});

/** What `serve` writes to stderr from its start to its end, with a request in between whose name clears a terminal. */
async function served(env: NodeJS.ProcessEnv): Promise<string[]> {
  const root = mkdtempSync(join(tmpdir(), "tftp-debug-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, "a"), "a");
  const cli = new Cli(["serve", root, "--host", "127.0.0.1", "--port", "0", "--json"], {
    env: { ...process.env, ...env },
  });
  const [listening = ""] = await cli.lines(1);
  const { port } = JSON.parse(listening) as { port: number };
  const client = await RawClient.open({ address: "127.0.0.1", port });
  expect(await client.ask("\x1b[2J.txt")).toMatchObject({ kind: "error", code: 1 });
  cli.process.kill("SIGTERM");
  await cli.end();
  return cli.stderr.split("\n");
}
