import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { LocalFileSystems } from "../../../src/worker/content/local-file-systems.ts";

const isLinux = process.platform === "linux";

test.skipIf(!isLinux)("a file system that may wait for something is not a local one: /proc is none", async () => {
  const known = new LocalFileSystems();
  expect(await known.includes(statSync("/proc", { bigint: true }).dev, "/proc")).toBe(false);
});

test("a path without an answer is on no local file system", async () => {
  expect(await new LocalFileSystems().includes(1n, "/missing/file")).toBe(false);
});

test.skipIf(!isLinux)("a device is asked for once, and then remembered", async () => {
  const known = new LocalFileSystems();
  expect(await known.includes(7n, "/missing/file")).toBe(false);
  expect(await known.includes(7n, "/dev/shm")).toBe(false);
  expect(await known.includes(8n, "/dev/shm")).toBe(true);
});
