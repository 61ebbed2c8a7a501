import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const bench = fileURLToPath(new URL("../../bench/storage.ts", import.meta.url));

// It reads /proc, and ends with exit code 1 where a write took more.
test.runIf(process.platform === "linux")("256 MiB are written in less than 64 MiB of extra memory", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", bench, "256"]);
  expect(stdout).toMatch(/^write, .*: 256 MiB .*\nwriteFromPath, .*: 256 MiB .*\nwrite, .*: 256 MiB .*\n$/);
});
