import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { resolveOptions } from "../../src/contract/options/resolve-options.ts";
import { Tftp } from "../../src/index.ts";
import { withAbsolutePaths } from "../../src/main/absolute-paths.ts";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers } from "../helpers/crashes.ts";
import { RawClient } from "../helpers/raw-client.ts";

function temporary(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "tftp-cwd-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function workIn(directory: string): void {
  const before = process.cwd();
  process.chdir(directory);
  onTestFinished(() => process.chdir(before));
}

test("relative paths mean what they meant when the driver was made, whatever the working directory is later", async () => {
  const [made, later] = [temporary(), temporary()];
  mkdirSync(join(made, "boot"));
  writeFileSync(join(made, "boot", "file"), "right");
  workIn(made);
  const tftp = new Tftp({
    workerUrl: crashingWorker,
    rootDir: "boot",
    journal: "journals",
    host: "127.0.0.1",
    port: 0,
    stopGraceMs: 0,
    startTimeoutMs: 60_000,
  });
  onTestFinished(() => tftp.close());
  workIn(later);
  const fetch = async (): Promise<unknown> => {
    const client = await RawClient.open({ address: await tftp.getHost(), port: await tftp.getPort() });
    return await client.ask("file");
  };
  const right = { kind: "data", payload: Buffer.from("right") };
  await tftp.start();
  expect(await fetch()).toMatchObject(right);
  await tftp.storage.write("written", "by storage");
  expect(readFileSync(join(made, "boot", "written"), "utf8")).toBe("by storage");
  expect(readdirSync(join(made, "journals"))).toHaveLength(1);
  await tftp.stop();
  await tftp.start();
  expect(await fetch()).toMatchObject(right);
  const restarted = new Promise((resolve) => tftp.on("restarted", resolve));
  crashWorkers("throw");
  await restarted;
  expect(await fetch()).toMatchObject(right);
  expect(readdirSync(later)).toEqual([]);
});

test("every path among the options is absolute once the driver has them", () => {
  const at = temporary();
  workIn(at);
  const resolved = withAbsolutePaths(
    resolveOptions({ rootDir: "a", cacheDir: "b", journal: "c", source: { scheme: "fs", root: "d" } }),
  );
  expect(resolved.server).toMatchObject({
    rootDir: join(at, "a"),
    cacheDir: join(at, "b"),
    source: { scheme: "fs", root: join(at, "d") },
  });
  expect(resolved.controller.journal).toBe(join(at, "c"));
  expect(withAbsolutePaths(resolveOptions({ journal: false })).controller.journal).toBe(false);
});
