import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Arguments, ClientBench, sizes, testDownloads } from "../helpers/client-downloads.ts";
import { run } from "../helpers/client-programs.ts";
import { cliArguments } from "../helpers/cli.ts";
import { NodeProgram, tsxArguments } from "../helpers/node-program.ts";
import { RawClient } from "../helpers/raw-client.ts";
import { ack } from "../helpers/raw-packets.ts";

const main = tsxArguments("src/cli/main.ts");
/** As when somebody runs the sources: what this run of the tests has compiled is not used. */
const { TFTP_COMPILED_SOURCES: _, ...env } = process.env;

const getting =
  (program: readonly string[]): Arguments =>
  ({ address, port }, remote, local) => [...program, "get", `tftp://${address}:${port}/${remote}`, "-o", local];

describe("tftp-driver get", () => {
  const bench = new ClientBench();
  testDownloads(bench, process.execPath, getting(cliArguments), sizes);

  describe("from source", () => {
    testDownloads(bench, process.execPath, getting(main), [513]);
  });

  test("for a missing file, get prints one line on stderr, exits with a code other than 0, and leaves no file", async () => {
    const local = bench.target();
    const { code, output } = await run(process.execPath, getting(cliArguments)(bench.wellKnown, "missing.bin", local));
    expect(code).not.toBe(0);
    expect(output.trim().split("\n")).toEqual([expect.stringMatching(/not found/i)]);
    expect(existsSync(local)).toBe(false);
  });
});

describe("tftp-driver serve, from source", () => {
  const bench = new ClientBench();

  test.skipIf(process.platform === "win32")(
    "SIGTERM lets serve's running transfer end, then the exit code is 0",
    async () => {
      const where = ["--host", "127.0.0.1", "--port", "0", "--json"];
      const server = new NodeProgram([...main, "serve", bench.server.root, ...where], { env });
      const [first = ""] = await server.lines(1);
      const { type, host, port } = JSON.parse(first) as { type: string; host: string; port: number };
      expect([type, host]).toEqual(["listening", "127.0.0.1"]);

      const client = await RawClient.open({ address: host, port });
      await client.request("513.bin");
      server.process.kill("SIGTERM");
      await client.expectNothing(500);
      expect(server.process.exitCode).toBeNull();
      await client.send(ack(1));
      await client.awaitBlock(2);
      await client.send(ack(2));
      expect(await server.end(), server.stderr).toBe(0);
    },
  );
});
