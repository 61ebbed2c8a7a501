import { expect, test } from "vitest";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers } from "../helpers/crashes.ts";
import { openHandles } from "../helpers/open-handles.ts";
import { download } from "../helpers/raw-download.ts";
import { startServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { "a.bin": "alive" };
/** In a minute. */
const RESTARTS = 5;
/** If the machine is too slow to be granted no restart. */
const MOST = 12;

describeOnEachTransport("a thread that runs out of memory again and again", (transport) => {
  test("a thread that runs out of memory again and again is replaced until it dies too often in a minute, and a start serves again", async () => {
    const server = await startServer(
      { workerUrl: crashingWorker, transport, workerHeapBytes: 32 * 1_024 * 1_024 },
      files,
    );
    const { tftp } = server;
    await tftp.stop();
    const before = openHandles();
    const causes: (string | undefined)[] = [];
    tftp.on("worker-crashed", ({ cause }) => causes.push(cause?.message));
    await server.start();
    do {
      await expectAlive(server);
      const settled = new Promise<void>((resolve) => {
        tftp.on("state", ({ state }) => (state === "running" || state === "failed") && resolve());
      });
      crashWorkers("out-of-memory");
      await settled;
      // A busy machine takes longer to die of it: then more restarts are granted.
    } while (tftp.state !== "failed" && causes.length < MOST);
    expect(causes.length).toBeGreaterThan(RESTARTS);
    for (const cause of causes) expect(cause).toContain("memory");
    if (tftp.state === "failed") await server.start();
    await expectAlive(server);
    await tftp.stop();
    await expect.poll(openHandles).toBeLessThanOrEqual(before);
  }, 300_000);
});

async function expectAlive(server: TestServer): Promise<void> {
  const client = await server.client();
  expect((await download(client, "a.bin")).content).toEqual(Buffer.from("alive"));
  client.close();
}
