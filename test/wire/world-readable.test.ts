import { chmodSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Tftp } from "../../src/index.ts";
import { ack } from "../helpers/raw-packets.ts";
import { startServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

const files = { public: "public", private: "x".repeat(600), "closed/public": "public" };

describeOnEachTransport("requireWorldReadable", (transport) => {
  test("only files that all users may read are served, whatever a directory permits", async () => {
    const server = await startServer(
      { transport, requireWorldReadable: true, rules: { match: "r/*", root: "." } },
      files,
    );
    chmodSync(join(server.root, "private"), 0o640);
    chmodSync(join(server.root, "closed"), 0o700);
    symlinkSync("private", join(server.root, "link"));
    const ask = async (name: string): Promise<unknown> => (await server.client()).ask(name);
    expect(await ask("public")).toMatchObject({ kind: "data" });
    expect(await ask("closed/public")).toMatchObject({ kind: "data" });
    expect(await ask("private")).toMatchObject({ kind: "error", code: 2, text: "Permission denied" });
    expect(await ask("link")).toMatchObject({ kind: "error", code: 2 });
    expect((await server.counters()).refused["not-world-readable"]).toBe(2);
  });

  test("it can be switched on while the server runs, also for a file that a transfer has open", async () => {
    const server = await startServer({ transport }, files);
    chmodSync(join(server.root, "private"), 0o640);
    const running = await server.client();
    expect(await running.ask("private")).toMatchObject({ kind: "data" });
    await server.tftp.reconfigure({ requireWorldReadable: true });
    expect(await (await server.client()).ask("private")).toMatchObject({ kind: "error", code: 2 });
    await running.send(ack(1));
    await running.expectBlocks(2);
    chmodSync(join(server.root, "private"), 0o644);
    expect(await (await server.client()).ask("private")).toMatchObject({ kind: "data" });
  });
});

test("it is INVALID_OPTION with an object store", () => {
  const options = { journal: false, source: { scheme: "memory" }, requireWorldReadable: true } as const;
  expect(() => new Tftp(options)).toThrow("requireWorldReadable: expected only without source, got true");
});
