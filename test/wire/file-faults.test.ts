import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { openHandler } from "../helpers/request-handler.ts";
import { noise } from "../helpers/raw-content.ts";
import { ack } from "../helpers/raw-packets.ts";
import { sharedServer, startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";
import { toRefused } from "../../src/worker/content/refusal.ts";
import { MemoryFile } from "../worker/content/fixtures.ts";
import { withoutPrivileges } from "../helpers/privileges.ts";

const posix = process.platform !== "win32";

describeOnEachTransport("what the file system fails with", (transport) => {
  const server = sharedServer({ transport }, { "locked.txt": "locked", "closed/file.txt": "closed", "file.txt": "f" });

  beforeAll(() => {
    symlinkSync("circle", join(server.root, "circle"));
    chmodSync(join(server.root, "locked.txt"), 0o000);
    mkdirSync(join(server.root, "directory"));
  });

  test.runIf(posix).each([
    ["ENOENT", "missing", 1, "not-found", undefined],
    ["ENOTDIR", "file.txt/below", 1, "not-found", undefined],
    ["ENAMETOOLONG", "n".repeat(300), 1, "not-found", "ENAMETOOLONG"],
    ["ELOOP", "circle", 2, "forbidden", "ELOOP"],
    ["EACCES", "locked.txt", 2, "forbidden", "EACCES"],
    ["EISDIR", "directory", 2, "not-a-file", undefined],
  ])("the fault %s draws its ERROR, an event with the cause, and a count", async (_, name, code, reason, cause) => {
    withoutPrivileges(server.root);
    const client = await server.client();
    const before = (await server.counters()).refused;
    expect(await client.ask(name)).toMatchObject({ kind: "error", code, terminated: true });
    await expect.poll(() => server.refused.find(({ file }) => file === name)).toBeDefined();
    const event = server.refused.find(({ file }) => file === name);
    expect(event).toMatchObject({ reason, errorCode: code, client: { port: client.port } });
    expect(event?.cause?.code).toBe(cause);
    expect((await server.counters()).refused).toEqual({ ...before, [reason]: before[reason as "forbidden"] + 1 });
  });
});

describeOnEachTransport("a file that the kernel cannot read", (transport) => {
  // The memory of this process is a regular file, and nothing is mapped at its beginning.
  test.skipIf(process.platform !== "linux")(
    "EIO from the kernel is ERROR 0, an event with the cause, and a count",
    async () => {
      const server = await startServer({ transport });
      await server.tftp.addFile("bad", { path: "/proc/self/mem" }).ready;
      const client = await server.client();
      expect(await client.ask("bad")).toMatchObject({
        kind: "error",
        code: 0,
        text: "Cannot read file",
        terminated: true,
      });
      await expect.poll(() => server.refused).toMatchObject([{ reason: "read-error", cause: { code: "EIO" } }]);
      expect((await server.counters()).refused["read-error"]).toBe(1);
    },
  );
});

describeOnEachTransport("a system error that no test can bring about in a real file system", (transport) => {
  test.each(["EIO", "EMFILE", "ENFILE", "ENOMEM", "ESTALE"])(
    "%s while the file is opened is ERROR 0, and an event with the cause",
    async (code) => {
      const handler = await openHandler(() => Promise.reject(toRefused(systemError(code))), { transport });
      const client = await handler.client();
      expect(await client.ask("a")).toMatchObject({ kind: "error", code: 0, text: "Cannot read file" });
      expect(handler.reported("refused")).toMatchObject([{ reason: "read-error", errorCode: 0, cause: { code } }]);
      expect(handler.transfers.size).toBe(0);
    },
  );

  test.each(["EIO", "ESTALE"])(
    "%s while the file is read is ERROR 0, and the transfer has failed, with the cause",
    async (code) => {
      const file = new MemoryFile(noise(2_000_000));
      const handler = await openHandler(async () => file, { transport });
      const client = await handler.client();
      await client.request("a");
      file.failure = systemError(code);
      let last = await client.send(ack(1)).then(() => client.receivePacket());
      for (let block = 2; last.kind === "data"; block++) {
        await client.send(ack(block));
        last = await client.receivePacket();
      }
      expect(last).toMatchObject({ kind: "error", code: 0, terminated: true });
      expect(handler.reported("transfer-ended")).toMatchObject([{ outcome: "failed", cause: { code } }]);
      await expect.poll(() => file.closes).toBe(1);
    },
  );
});

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: as a test has it`), { code });
}
