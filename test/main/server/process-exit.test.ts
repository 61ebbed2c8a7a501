import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";

const index = JSON.stringify(import.meta.resolve("../../../src/index.ts"));
const directory = mkdtempSync(join(tmpdir(), "tftp-exit-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const options = JSON.stringify({ rootDir: directory, host: "127.0.0.1", port: 0 });
const program = (body: string): string =>
  `const { Tftp } = await import(${index}); const tftp = new Tftp(${options}); ${body}`;

test("a running server holds the process", async () => {
  const child = run(program("await tftp.start(); console.log('running');"));
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(child.exitCode).toBeNull();
});

test.each([
  ["a driver that was closed", "await tftp.start(); await tftp.close();"],
  ["a driver that was stopped", "await tftp.start(); await tftp.stop();"],
  ["a driver that was never started", ""],
  ["a driver whose start failed", "await tftp.start({ signal: AbortSignal.abort() }).catch(() => {});"],
  ["a running server after unref()", "await tftp.start(); tftp.unref();"],
  ["a server started after unref()", "tftp.unref(); await tftp.start();"],
])("%s does not hold the process", async (_driver, body) => {
  const child = run(program(`${body} process.exitCode = 42;`));
  const [exitCode] = (await once(child, "exit")) as [number | null];
  expect(exitCode).toBe(42);
});

test("unref() lets nobody miss the end of a stop", async () => {
  const child = run(program("tftp.unref(); await tftp.start(); await tftp.stop(); process.exitCode = 42;"));
  expect(await once(child, "exit")).toEqual([42, null]);
});

function run(source: string): ReturnType<typeof spawn> & { stdout: NodeJS.ReadableStream } {
  const args = ["--import", import.meta.resolve("tsx"), "--input-type=module", "--eval", source];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
