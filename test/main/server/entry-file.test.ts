import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { Tftp, type TftpOptions } from "../../../src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "tftp-entry-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

const missing = join(directory, "missing.mjs");

test.each([
  ["a path", missing],
  ["a file URL as text", pathToFileURL(missing).href],
  ["a file URL", pathToFileURL(missing)],
])(
  "start() rejects with START_FAILED if there is no file at workerUrl, %s, and says what to do",
  async (_, workerUrl) => {
    const tftp = driver({ workerUrl });
    await expect(tftp.start()).rejects.toMatchObject({
      code: "START_FAILED",
      message: expect.stringMatching(/missing\.mjs is not there; the option workerUrl .*tftp-driver\/worker/) as string,
    });
    expect(tftp.state).toBe("stopped");
  },
);

test("the thread starts with the file at workerUrl", async () => {
  const workerUrl = join(directory, "entry.mjs");
  writeFileSync(workerUrl, 'throw new Error("this is the chosen file")');
  await expect(driver({ workerUrl }).start()).rejects.toMatchObject({
    code: "WORKER_CRASHED",
    message: expect.stringContaining("this is the chosen file") as string,
  });
});

test("start() rejects with START_FAILED if there is no file at storeUrl, and says what to do", async () => {
  const tftp = driver({ source: { scheme: "memory" }, storeUrl: missing });
  await expect(tftp.start()).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringMatching(/missing\.mjs is not there; the option storeUrl .*tftp-driver\/store/) as string,
  });
});

test.each([["https://example.org/worker.js"], [new URL("https://example.org/worker.js")], [""], ["file://%"], [7]])(
  "workerUrl %o is no file, which is INVALID_OPTION or START_FAILED",
  async (workerUrl) => {
    await expect((async () => driver({ workerUrl } as TftpOptions).start())()).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:INVALID_OPTION|START_FAILED)$/) as string,
    });
  },
);

test("a program that was started as the process for another one's source does not serve, nor start a third", async () => {
  vi.stubEnv("TFTP_DRIVER_STORE_OF", "4711");
  await expect(driver({}).start()).rejects.toMatchObject({
    code: "START_FAILED",
    message: expect.stringContaining("process 4711") as string,
  });
});

test("a program that does not run the store's file but itself is SOURCE_UNAVAILABLE, whatever it writes", async () => {
  for (const line of ["the agent begins", '{"level":30,"msg":"the agent begins"}']) {
    const storeUrl = join(directory, "agent.mjs");
    writeFileSync(storeUrl, `console.log(${JSON.stringify(line)}); setInterval(() => {}, 1_000);`);
    await expect(driver({ source: { scheme: "memory" }, storeUrl }).start()).rejects.toMatchObject({
      code: "SOURCE_UNAVAILABLE",
      message: expect.stringContaining("the agent begins") as string,
    });
  }
});

function driver(options: TftpOptions): Tftp {
  return new Tftp({ host: "127.0.0.1", port: 0, rootDir: directory, journal: false, ...options });
}
