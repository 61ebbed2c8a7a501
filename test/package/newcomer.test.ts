import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parseTftpUrl } from "../../src/cli/get/tftp-url.ts";
import { fetchFile } from "../../src/main/client/tftp-client.ts";
import { documents, snippetsOf } from "../docs/documents.ts";
import { isOffline, tarball, usersEnvironment } from "./project.ts";

/** What README says first: install, serve. */
const [install = "", serve = ""] = documents()
  .filter(({ path }) => path === "README.md")
  .flatMap(snippetsOf)
  .map(({ code }) => code.split("\n"))
  .find(([first]) => first === "npm install tftp-driver") ?? [""];

describe.skipIf(isOffline)("in a directory with one file and no package.json, of the packed package", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "tftp-newcomer-"));
    writeFileSync(join(directory, "hello.txt"), "hello, board\n");
    return () => rmSync(directory, { recursive: true, force: true });
  });

  test("README's two lines install it, and serve the directory until SIGINT", async () => {
    const child = run(install.replace("tftp-driver", tarball));
    expect(await once(child, "exit")).toEqual([0, null]);
    await expectServed(onAnyPort(serve));
  });

  test("npx alone, without an installation, serves the directory until SIGINT", async () => {
    await expectServed(onAnyPort(serve.replace("npx ", `npx -y --package "${tarball}" `)));
  });

  /** As a terminal does it: its lines on a pipe, Control-C to the whole group. */
  async function expectServed(line: string): Promise<void> {
    const child = run(line);
    const exited = once(child, "exit");
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    while (!/^try: curl .*\n/m.test(output)) {
      await Promise.race([once(child.stdout, "data"), exited.then(() => expect.unreachable(output))]);
    }
    const [url = ""] = /tftp:\/\/\S+(?=\/)/.exec(output) ?? [];
    const pieces: Buffer[] = [];
    await fetchFile({ ...parseTftpUrl(`${url}/hello.txt`), onData: (data) => pieces.push(Buffer.from(data)) });
    expect(Buffer.concat(pieces).toString()).toBe("hello, board\n");
    process.kill(-child.pid!, "SIGINT");
    await exited;
    expect(output).toMatch(/stopped\n$/);
  }

  function run(line: string) {
    const options = { cwd: directory, env: usersEnvironment(), detached: true } as const;
    const child = spawn("bash", ["-c", line], { ...options, stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => {
      try {
        process.kill(-child.pid!, "SIGKILL");
      } catch {
        // It has ended.
      }
    });
    return child;
  }
});

/** README's port may be taken. */
function onAnyPort(line: string): string {
  expect(line).toMatch(/^npx .* --port 6969$/);
  return line.replace("--port 6969", "--port 0");
}
