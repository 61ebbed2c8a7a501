import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { NodeProgram, sourceArguments } from "../../helpers/node-program.ts";

const [index = "", ...flags] = sourceArguments("index").toReversed();
const directory = mkdtempSync(join(tmpdir(), "tftp-exit-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const options = JSON.stringify({ rootDir: directory, host: "127.0.0.1", port: 0 });

/**
 * What still holds the process this long after its last line has run holds it for good. It ends then, and says what it
 * was.
 */
const HELD_MS = 30_000;
const watchdog = `setTimeout(() => { console.error(process.getActiveResourcesInfo()); process.exit(1); }, ${HELD_MS}).unref();`;

test("a running server holds the process", async () => {
  const program = run("await tftp.start(); console.log('running');");
  await program.lines(1);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(program.process.exitCode).toBeNull();
});

test.each([
  ["a driver that was closed", "await tftp.start(); await tftp.close();"],
  ["a driver that was stopped", "await tftp.start(); await tftp.stop();"],
  ["a driver that was never started", ""],
  ["a driver whose start failed", "await tftp.start({ signal: AbortSignal.abort() }).catch(() => {});"],
  ["a running server after unref()", "await tftp.start(); tftp.unref();"],
  ["a server started after unref()", "tftp.unref(); await tftp.start();"],
])("%s does not hold the process", async (_driver, body) => {
  const program = run(`${body} process.exitCode = 42; ${watchdog}`);
  expect(await program.end(), program.stderr).toBe(42);
});

test("unref() does not let the process exit before a stop has ended", async () => {
  const program = run("tftp.unref(); await tftp.start(); await tftp.stop(); process.exitCode = 42;");
  expect(await program.end(), program.stderr).toBe(42);
});

function run(body: string): NodeProgram {
  const imported = `const { Tftp } = await import(${JSON.stringify(pathToFileURL(index).href)});`;
  const source = `${imported} const tftp = new Tftp(${options}); ${body}`;
  return new NodeProgram([...flags.toReversed(), "--input-type=module", "--eval", source]);
}
