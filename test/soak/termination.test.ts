import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const script = join(import.meta.dirname, "../helpers/terminated-threads.ts");

describeOnEachTransport("a thread that is terminated in mid-transfer", (transport) => {
  test("a thread that is terminated in mid-transfer takes neither the process nor the port with it", async () => {
    const run = promisify(execFile)(process.execPath, ["--import", "tsx", script, transport]);
    await expect(run).resolves.toMatchObject({ stdout: "survived 5\n" });
  });
});
