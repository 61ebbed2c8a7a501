import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseTftpUrl } from "../../src/cli/get/tftp-url.ts";
import { fetchFile } from "../../src/main/client/tftp-client.ts";
import { markedSnippet, projectWith } from "./run-snippet.ts";

test("README's program for embedding runs as pasted: it serves its file, reports it, and ends with SIGINT", async () => {
  const directory = projectWith({ "server.mjs": markedSnippet("run") });
  const program = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), "server.mjs"], {
    cwd: directory,
    env: { ...process.env, XDG_STATE_HOME: join(directory, "state") },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  let output = "";
  program.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exited = once(program, "exit");
  const shows = async (line: RegExp): Promise<void> => {
    while (!line.test(output)) await Promise.race([once(program.stdout, "data"), rejectOn(exited)]);
  };

  await shows(/try: curl -o - tftp:\S+\n/);
  const url = parseTftpUrl(/tftp:\S+/.exec(output)?.[0] ?? "");
  const pieces: Buffer[] = [];
  await fetchFile({ ...url, onData: (data) => pieces.push(Buffer.from(data)) });
  expect(Buffer.concat(pieces).toString()).toBe("hello, board\n");
  await shows(/^hello\.txt to 127\.0\.0\.1: complete, 13 bytes$/m);
  program.kill("SIGINT");
  expect(await exited).toEqual([0, null]);
});

async function rejectOn(exited: Promise<unknown[]>): Promise<never> {
  throw new Error(`the program ended by itself: ${(await exited).join(" ")}`);
}
