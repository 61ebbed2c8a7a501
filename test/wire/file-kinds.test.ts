import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, closeSync, constants, openSync, symlinkSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Logger } from "../../src/index.ts";
import { withoutPrivileges } from "../helpers/privileges.ts";
import { data, type Packet } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const posix = process.platform !== "win32";

describeOnEachTransport("what is not a regular file", (transport) => {
  const server = sharedServer(
    { transport, symlinks: "follow" },
    { "directory/file.txt": "file", "plain.txt": "plain" },
  );

  test.each(["directory", "directory/", "/", ".", "./", "//"])(
    "a directory, asked for as %j, draws ERROR 1 or 2",
    async (name) => {
      const client = await server.client();
      expectMissingOrForbidden(await client.ask(name));
    },
  );

  test.runIf(posix)("a FIFO draws ERROR 1 or 2, at once, and other requests go on", async () => {
    execFileSync("mkfifo", [join(server.root, "fifo")]);
    // More of them than there are threads in the pool: an open that blocked would stop every other one.
    for (let round = 0; round < 8; round++) {
      const client = await server.client();
      expectMissingOrForbidden(await client.ask("fifo"));
    }
    const client = await server.client();
    expect((await client.request("plain.txt")).bytes).toEqual(data(1, "plain"));
  });

  // Other systems than Linux cannot look at a file without opening it.
  test.runIf(process.platform === "linux")(
    "a FIFO is not opened: the writer that waits for a reader goes on waiting",
    async () => {
      const fifo = join(dirname(server.root), "outside-fifo");
      execFileSync("mkfifo", [fifo]);
      symlinkSync(fifo, join(server.root, "fifo-link"));
      await server.tftp.addFile("by-path", { path: fifo }).ready;
      const writer = spawn("sh", ["-c", 'echo waits; exec 3> "$0"; echo woken', fifo]);
      onTestFinished(() => void writer.kill("SIGKILL"));
      let said = "";
      writer.stdout.on("data", (bytes: Buffer) => (said += bytes.toString()));
      await expect.poll(() => said).toBe("waits\n");
      for (let round = 0; round < 20; round++) {
        for (const name of ["fifo-link", "by-path"]) expectMissingOrForbidden(await (await server.client()).ask(name));
      }
      expect(said).toBe("waits\n");
      // It would have been woken by a reader.
      closeSync(openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK));
      await expect.poll(() => said).toBe("waits\nwoken\n");
    },
  );

  test.runIf(posix)("a Unix socket draws ERROR 1 or 2", async () => {
    const local = createServer().listen(join(server.root, "socket"));
    await once(local, "listening");
    onTestFinished(() => void local.close());
    const client = await server.client();
    expectMissingOrForbidden(await client.ask("socket"));
  });

  test.runIf(posix).each(["/dev/zero", "/dev/null", "/dev/tty"])("a device, %s, draws ERROR 1 or 2", async (device) => {
    const name = device.slice(1).replace("/", "-");
    symlinkSync(device, join(server.root, name));
    const client = await server.client();
    expectMissingOrForbidden(await client.ask(name));
  });

  test("a request for a directory, FIFO, socket or device holds no transfer", async () => {
    expect((await server.tftp.snapshot()).transfers.filter((t) => !t.file.startsWith("plain"))).toEqual([]);
  });
});

describeOnEachTransport("what cannot be read", (transport) => {
  const said: string[] = [];
  const say = (_: object, message: string): void => void said.push(message);
  const logger: Logger = { debug: () => {}, info: () => {}, warn: say, error: say };
  const server = sharedServer({ transport, logger }, { "locked.txt": "locked", "locked/file.txt": "locked" });

  test.runIf(posix)("a file without permission draws ERROR 2", async () => {
    chmodSync(join(server.root, "locked.txt"), 0o000);
    withoutPrivileges(server.root);
    const client = await server.client();
    expect(await client.ask("locked.txt")).toMatchObject({ kind: "error", code: 2, terminated: true });
  });

  test.runIf(posix)("a file in a directory without permission draws ERROR 2", async () => {
    const directory = join(server.root, "locked");
    chmodSync(directory, 0o000);
    onTestFinished(() => chmodSync(directory, 0o755));
    withoutPrivileges(server.root);
    const client = await server.client();
    expect(await client.ask("locked/file.txt")).toMatchObject({ kind: "error", code: 2 });
  });

  test("a missing file draws its ERROR in under 20 ms", async () => {
    const times: number[] = [];
    for (let round = 0; round < 21; round++) {
      const client = await server.client();
      const before = performance.now();
      const reply = await client.request(`missing-${round}`);
      times.push(reply.at - before);
    }
    // The quickest: the machine has other work as well.
    expect(Math.min(...times)).toBeLessThan(20);
  });

  test("a missing file is logged quietly: boards probe for names", async () => {
    const client = await server.client();
    await client.ask("quiet-missing");
    await expect.poll(() => server.refused.map((event) => event.file)).toContain("quiet-missing");
    expect(said.filter((message) => message.includes("quiet-missing"))).toEqual([]);
  });

  test.each(["missing.txt", "directory/../x", "/etc/passwd", "locked", "missing".repeat(40)])(
    "the ERROR text for %j is short, NUL-terminated, and names no path",
    async (name) => {
      const client = await server.client();
      const reply = await client.ask(name);
      expect(reply).toMatchObject({ kind: "error", terminated: true, text: expect.stringMatching(/^[ -~]{1,60}$/) });
      expect(reply.kind === "error" && reply.text).not.toMatch(/\/|\\|root|tmp/);
      expect(reply.kind === "error" && reply.text).not.toContain(dirname(server.root));
    },
  );
});

function expectMissingOrForbidden(reply: Packet): void {
  expect(reply).toMatchObject({ kind: "error", terminated: true });
  expect([1, 2]).toContain(reply.kind === "error" && reply.code);
}
