import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { RawClient } from "../helpers/raw-client.ts";
import { data } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const hasPrlimit = process.platform === "linux" && spawnSync("prlimit", ["--version"]).status === 0;

describeOnEachTransport("out of file handles", (transport) => {
  const server = sharedServer({ transport }, { "a.txt": "a", "b.txt": "b" });

  test.runIf(hasPrlimit)(
    "out of file handles, a request draws ERROR 0 and an event; with handles the next one is served",
    async () => {
      const client = await server.client();
      const later = await server.client();
      const restore = await exhaustHandles();
      const reply = await client.ask("a.txt");
      await restore();
      expect(reply).toMatchObject({ kind: "error", code: 0, terminated: true });
      const told = (): boolean =>
        server.refused.some((event) => event.file === "a.txt" && event.errorCode === 0) ||
        server.ended.some((event) => event.file === "a.txt" && event.outcome === "failed");
      await expect.poll(told).toBe(true);
      expect((await later.request("b.txt")).bytes).toEqual(data(1, "b"));
    },
  );
});

describeOnEachTransport("out of file handles, bound to all addresses", (transport) => {
  const server = sharedServer({ transport, host: "0.0.0.0" }, { "a.txt": "a", "b.txt": "b" });

  test.runIf(hasPrlimit)(
    "out of file handles, a request that has the interfaces looked through again does not end the thread",
    async () => {
      const crashes: unknown[] = [];
      server.tftp.on("worker-crashed", ({ cause }) => crashes.push(cause));
      // An address of the loopback interface that has no socket of its own: the wildcard's hears of it.
      const to = { address: "127.0.0.5", port: server.wellKnown.port };
      const client = await RawClient.open(to);
      const later = await RawClient.open(to);
      // dgram looks through them once a second at most.
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const restore = await exhaustHandles();
      expect(await client.ask("a.txt")).toMatchObject({ kind: "error", code: 0 });
      await restore();
      expect((await later.request("b.txt")).bytes).toEqual(data(1, "b"));
      expect(crashes).toEqual([]);
    },
  );
});

/**
 * Lets this process open nothing more. A shell does it from outside, and stands by: to start one later takes handles.
 */
async function exhaustHandles(): Promise<() => Promise<void>> {
  const limit = spawnSync("prlimit", ["--pid", `${process.pid}`, "--nofile", "--noheadings", "--output", "SOFT"]);
  const soft = limit.stdout.toString().trim();
  const script = `prlimit --pid ${process.pid} --nofile=3: && echo low; read _; prlimit --pid ${process.pid} --nofile=${soft}: && echo restored`;
  const shell = spawn("sh", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  await once(shell.stdout, "data");
  let restored = false;
  const restore = async (): Promise<void> => {
    if (restored) return;
    restored = true;
    shell.stdin.end("\n");
    await once(shell, "exit");
  };
  onTestFinished(restore);
  return restore;
}
