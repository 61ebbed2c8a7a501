import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Tftp } from "../../src/index.ts";
import { startServer, TestServer } from "../helpers/raw-server.ts";
import { usualTransport } from "../helpers/raw-transports.ts";

const client = "192.0.2.7";
const files = { zImage: "kernel", "boards/192.0.2.7/dtb": "tree" };
const rules = [
  { match: "secret/*", deny: "no" },
  { match: "kernel/*", to: ["boards/{client}/{1}", "{1}"] },
] as const;

test("an explanation names the rule, the places that were looked at, and the file", async () => {
  const server = await startServer({ transport: usualTransport(), rules }, files);
  const place = join(server.root, "zImage");
  expect(await server.tftp.explain("kernel/zImage", { client })).toEqual({
    name: "kernel/zImage",
    client,
    mode: "octet",
    rule: 1,
    served: "zImage",
    tried: [
      { place: join(server.root, "boards/192.0.2.7/zImage"), kind: "file", result: "not-found" },
      { place, kind: "file", result: "found" },
    ],
    outcome: "file",
    place,
    size: 6,
  });
  expect((await server.counters()).requests).toBe(0);
});

test("a directory of a rule that is not there is among the places that were looked at", async () => {
  const root = ["boards/{client}", "nowhere"];
  const server = await startServer({ transport: usualTransport(), rules: { root } }, files);
  expect(await server.tftp.explain("zImage", { client })).toMatchObject({
    tried: [
      { place: join(server.root, "boards/192.0.2.7/zImage"), kind: "file", result: "not-found" },
      { place: join(server.root, "nowhere"), kind: "directory", result: "not-found" },
    ],
    outcome: "refused",
    reason: "not-found",
  });
});

test("an explanation is of the options that the client would ask for, too", async () => {
  const server = await startServer(
    { transport: usualTransport(), rules: { options: "blksize=512", to: "zImage" } },
    files,
  );
  const options = { BlkSize: "512" };
  expect(await server.tftp.explain("x", { client, options })).toMatchObject({
    options: { blksize: "512" },
    rule: 0,
    outcome: "file",
  });
  expect(await server.tftp.explain("x", { client })).toMatchObject({ outcome: "refused" });
});

test("what is refused, dropped, virtual or missing is explained as such", async () => {
  const server = await startServer({ transport: usualTransport(), rules, deny: ["192.0.2.66"] }, files);
  const explain = (name: string, from = client) => server.tftp.explain(name, { client: from });
  expect(await explain("secret/a")).toMatchObject({
    rule: 0,
    outcome: "refused",
    reason: "denied-by-rule",
    error: { code: 2, text: "no" },
  });
  expect(await explain("zImage", "192.0.2.66")).toMatchObject({ outcome: "dropped", tried: [] });
  expect(await explain("missing")).toMatchObject({ outcome: "refused", reason: "not-found", error: { code: 1 } });
  expect(await explain("../x")).toMatchObject({ outcome: "refused", reason: "outside-root" });
  let calls = 0;
  await server.tftp.addFile("made/*", () => `${calls++}`).ready;
  await server.tftp.addFile("fixed", "12345").ready;
  expect(await explain("made/x")).toMatchObject({ outcome: "handler" });
  expect(await explain("fixed")).toMatchObject({ outcome: "virtual", place: "fixed", size: 5 });
  expect(calls).toBe(0);
});

test("a driver that does not run explains by the options as they are now, and creates nothing", async () => {
  const server = new TestServer({}, files);
  onTestFinished(() => server.close());
  await expect(server.tftp.explain("zImage", { client })).rejects.toMatchObject({ code: "ROOT_NOT_READABLE" });
  expect(existsSync(server.root)).toBe(false);
  server.write(files);
  await server.tftp.reconfigure({ rules });
  expect(await server.tftp.explain("kernel/dtb", { client })).toMatchObject({
    served: "boards/192.0.2.7/dtb",
    size: 4,
  });
  expect(server.tftp.state).toBe("stopped");
});

test.each([
  ["", { client }, "name: expected the name of a file"],
  ["a", { client: "board" }, 'client: expected a numeric address, got "board"'],
  ["a", { client, mode: "mail" as "octet" }, "mode: expected"],
  ["a", { client, options: { blksize: 512 as unknown as string } }, "options.blksize: expected a text, got 512"],
])("explain(%j, %j) is INVALID_OPTION", async (name, options, message) => {
  const tftp = new Tftp({ journal: false });
  await expect(tftp.explain(name, options)).rejects.toThrow(message);
  await tftp.close();
});
