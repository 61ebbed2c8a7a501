import { once } from "node:events";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { expectFree } from "../helpers/expect-free.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("a driver in a thread that is terminated", (transport) => {
  test("a driver in a thread that is terminated leaves its port free", async () => {
    const rootDir = join(import.meta.dirname, "../../examples/tftpboot");
    const thread = new Worker(new URL("../helpers/embedding-thread.mjs", import.meta.url), {
      workerData: { transport, rootDir },
    });
    onTestFinished(async () => void (await thread.terminate()));
    const [port] = (await once(thread, "message")) as [number];
    expect(port).toBeGreaterThan(0);
    await thread.terminate();
    await expectFree(port);
  });
});
