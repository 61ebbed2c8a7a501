import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { fetchFile } from "../../../src/main/client/tftp-client.ts";
import { Cli, cliArguments } from "../../helpers/cli.ts";
import { listenForNotifications } from "../../helpers/notify-listener.ts";
import { transports } from "../../helpers/raw-transports.ts";
import { unreadSocket } from "../../helpers/unread-socket.ts";

const root = mkdtempSync(join(tmpdir(), "tftp-systemd-"));
const config = join(root, "tftp.yaml");

beforeAll(() => {
  writeFileSync(join(root, "hello.txt"), "hello\n");
  writeFileSync(config, "root_dir: .\nhost: 127.0.0.1\nport: 0\n");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

// The other end of the socket is made by koffi, as ours is.
describe.skipIf(!transports.includes("native"))("under systemd", () => {
  test.each([
    ["a path", join(root, "notify")],
    ["an abstract name", `@tftp-driver-test-${process.pid}`],
  ])("serve reports its start, reload, watchdog and stop to %s", async (_kind, socket) => {
    const message = await listenForNotifications(socket);
    const env = { ...process.env, NOTIFY_SOCKET: socket, WATCHDOG_USEC: "200000" };
    const cli = new Cli(["serve", "--config", config, "--json"], { env });
    expect(await message(/READY=1/)).toMatch(/^READY=1\nSTATUS=listening on 127\.0\.0\.1:\d+, 0 running; 0 B served$/);
    await message(/^WATCHDOG=1$/);
    cli.process.kill("SIGHUP");
    expect(await message(/RELOADING=1/)).toMatch(/^RELOADING=1\nMONOTONIC_USEC=\d+$/);
    await message(/^READY=1\n/);
    cli.process.kill("SIGTERM");
    await message(/^STOPPING=1\nSTATUS=stopping/);
    expect(await cli.end()).toBe(0);
  });

  test("serve takes the socket that it is given", async () => {
    const { descriptor, port } = await unreadSocket("127.0.0.1");
    // The shell has the process's id before it becomes Node.
    const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"';
    const args = ["-c", script, "sh", process.execPath, ...cliArguments, "serve", root, "--json", "--port", "1"];
    const child = spawn("sh", args, { stdio: ["ignore", "pipe", "pipe", descriptor] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [errors] = await Promise.all([textOf(child, "stderr"), firstLine(child)]);
    expect(errors()).toContain("host and port are ignored");
    await expect(fetchFile({ host: "127.0.0.1", port, file: "hello.txt", onData: () => {} })).resolves.toBe(6);
    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(0);
  });
});

async function textOf(child: ChildProcess, stream: "stderr"): Promise<() => string> {
  let text = "";
  child[stream]?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return () => text;
}

async function firstLine(child: ChildProcess): Promise<void> {
  await once(child.stdout as NonNullable<typeof child.stdout>, "data");
}
