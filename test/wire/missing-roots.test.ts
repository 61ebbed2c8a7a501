import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Rule } from "../../src/index.ts";
import { TestServer } from "../helpers/raw-server.ts";
import { usualTransport } from "../helpers/raw-transports.ts";

async function serve(rules: readonly Rule[]): Promise<{ server: TestServer; warnings: string[] }> {
  const server = new TestServer({ transport: usualTransport(), rules }, { "common/a": "common" });
  onTestFinished(() => server.close());
  const warnings: string[] = [];
  server.tftp.on("warning", ({ message }) => warnings.push(message));
  await server.start();
  return { server, warnings };
}

test("a rule's directory that is missing draws a warning at the start, and a board's own directory does not", async () => {
  const { server, warnings } = await serve([
    { match: "x", root: ["boards/{client}", "common"] },
    { root: ["boards/{client}", "commn"] },
    { client: "192.0.2.1", root: ["commn", "common/a"] },
  ]);
  const paths = ["rules[1].root commn (ENOENT)", "rules[2].root common/a (ENOTDIR)"];
  await expect
    .poll(() => warnings)
    .toEqual([`nothing is served from ${paths.join(", ")} until it is there and can be read`]);
  expect(await (await server.client()).ask("a")).toMatchObject({ kind: "error", code: 1 });
  mkdirSync(join(server.root, "commn"));
  server.write({ "commn/a": "found" });
  expect(await (await server.client()).ask("a")).toMatchObject({ kind: "data" });
});

test("the same at a reconfiguration; of many directories a warning names five", async () => {
  const { server, warnings } = await serve([{ root: "common" }]);
  await server.tftp.reconfigure({ rules: { root: Array.from({ length: 8 }, (_, index) => `none-${index}`) } });
  await expect.poll(() => warnings).toHaveLength(1);
  expect(warnings[0]).toContain("none-4 (ENOENT), and 3 more until");
  expect(warnings[0]).not.toContain("none-5");
});
