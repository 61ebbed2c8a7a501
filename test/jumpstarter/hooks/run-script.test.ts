import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ResolvedHook } from "../../../src/jumpstarter/hooks/hook-options.ts";
import { runScript } from "../../../src/jumpstarter/hooks/run-script.ts";

const PATIENT_MS = 60_000;

async function run(script: string, more: Partial<ResolvedHook> = {}, onLine: (line: string) => void = () => {}) {
  const lines: string[] = [];
  const hook = { script, timeoutMs: PATIENT_MS, onFailure: "warn", ...more } as const;
  const failure = await runScript(hook, { ...process.env, LEASE_NAME: "a-lease" }, (line) => {
    lines.push(line);
    onLine(line);
  });
  return { failure, lines };
}

function file(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "hook-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

test("a script's text is run by the shell, and each of its lines is passed on, those of stderr, too", async () => {
  const { failure, lines } = await run('echo "lease $LEASE_NAME"\necho\nprintf "no end" >&2');
  expect(failure).toBeUndefined();
  expect(lines.toSorted()).toEqual(["lease a-lease", "no end"]);
});

test("one line that names a file runs that file, with the program that the hook names", async () => {
  const path = file("prepare", "console.log(typeof process.pid)");
  expect((await run(` ${path}\n`, { exec: process.execPath })).lines).toEqual(["number"]);
  expect((await run(file("tidy.sh", "echo tidied"))).lines).toEqual(["tidied"]);
});

test("an exit code other than 0, a signal, and a program that is not there are failures with words", async () => {
  expect((await run("exit 3")).failure).toBe("its exit code was 3");
  expect((await run("kill -KILL $$")).failure).toBe("it was ended by SIGKILL");
  expect((await run("true", { exec: "/nowhere/shell" })).failure).toMatch(/^it cannot be run: .*ENOENT/);
});

test("a script that takes too long is ended with all that it has started", async () => {
  const { failure, lines } = await run("sleep 600 & echo $!; wait; exit 0", { timeoutMs: 500 });
  expect(failure).toBe("it took longer than 500 ms");
  await expect.poll(() => isRunning(Number(lines[0]))).toBe(false);
});

test("a program that a script leaves behind holds up nothing", async () => {
  let left = 0;
  onTestFinished(() => void process.kill(left));
  const { failure } = await run("sleep 600 & echo $!", {}, (line) => (left = Number(line)));
  expect(failure).toBeUndefined();
  expect(isRunning(left)).toBe(true);
});

test("a line without an end comes in pieces, and control characters are not passed on", async () => {
  const { lines } = await run(`head -c 10000 /dev/zero | tr '\\0' x; printf '\\033[31m'`);
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line) => line.length <= 70_000 && !line.includes("\u001B"))).toBe(true);
});

/** Not one that has ended and is not waited for. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
