import { expect, test } from "vitest";
import { fileURLToPath, pathToFileURL } from "node:url";
import { crashingWorker } from "../helpers/crashing-entry.ts";
import { crashWorkers, workerDying } from "../helpers/crashes.ts";
import { NodeProgram, sourceArguments } from "../helpers/node-program.ts";
import { download } from "../helpers/raw-download.ts";
import { startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const [index = "", ...flags] = sourceArguments("index").toReversed();
const helper = fileURLToPath(new URL("../helpers/hung-under-flood.mjs", import.meta.url));
const files = { "a.bin": "alive" };

describeOnEachTransport("a thread whose event loop does not run", (transport) => {
  test("a thread whose event loop hangs is reported, and its port is served again by another one", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, watchdogMs: 500 }, files);
    const crashed = new Promise((resolve) => server.tftp.on("worker-crashed", resolve));
    const restarted = new Promise((resolve) => server.tftp.on("restarted", resolve));
    crashWorkers("hang");
    expect(await crashed).toMatchObject({
      restartInMs: 100,
      cause: { code: "WORKER_HUNG", message: "the event loop of the server's thread did not run for 500 ms" },
    });
    expect(await restarted).toMatchObject({ port: server.wellKnown.port });
    expect((await download(await server.client(), "a.bin")).content).toEqual(Buffer.from("alive"));
  });

  test("a thread whose event loop hangs rejects the calls that wait for its answer, but for a snapshot: that shows what was last known", async () => {
    const server = await startServer(
      { workerUrl: crashingWorker, transport, watchdogMs: 500, restart: "never" },
      files,
    );
    const client = await server.client();
    await download(client, "a.bin");
    await server.endOf(client);
    const before = await server.tftp.snapshot();
    expect(before.counters.requests).toBe(1);
    const dying = workerDying();
    crashWorkers("hang");
    await dying;
    const probing = server.tftp.probe().catch((error: unknown) => error);
    const { counters, transfers } = await server.tftp.snapshot();
    expect({ counters, transfers }).toEqual({ counters: before.counters, transfers: [] });
    expect(await probing).toMatchObject({ code: "PROBE_FAILED", cause: { code: "WORKER_HUNG" } });
    expect(server.tftp.state).toBe("failed");
  });

  test("a thread that waits for requests, or whose main was blocked, is not taken for hung", async () => {
    const server = await startServer({ workerUrl: crashingWorker, transport, watchdogMs: 200 }, files);
    const crashes: unknown[] = [];
    server.tftp.on("worker-crashed", (event) => crashes.push(event));
    await new Promise((resolve) => setTimeout(resolve, 600));
    const end = performance.now() + 600;
    while (performance.now() < end);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(crashes).toEqual([]);
    expect((await download(await server.client(), "a.bin")).content).toEqual(Buffer.from("alive"));
  });

  test.each([
    ["a RegExp that backtracks", `x${"a".repeat(200)}!`],
    ["a RegExp that backtracks over a name with backslashes", `x\\${"a".repeat(200)}!`],
  ])("%s is restarted under a flood, and the process lives", async (_what, name) => {
    const { root } = await startServer({ workerUrl: crashingWorker, transport }, files);
    const program = new NodeProgram([...flags.toReversed(), helper, pathToFileURL(index).href, transport, root, name]);
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stdout).toBe("WORKER_HUNG\nrestarted\n");
  });
});
