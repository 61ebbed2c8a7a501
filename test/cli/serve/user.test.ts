import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findUser } from "../../../src/cli/serve/user/user-identity.ts";
import { Cli } from "../../helpers/cli.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { type Packet, request } from "../../helpers/raw-packets.ts";
import { transports } from "../../helpers/raw-transports.ts";

const tables: Record<string, string> = {
  "/etc/passwd": "root:x:0:0::/:/bin/sh\ntftp:x:101:102::/srv/tftp:/bin/false\n",
  "/etc/group": "root:x:0:\nboards:x:500:tftp\n",
};
const find = (text: string): unknown => findUser(text, (path) => tables[path] ?? "");

test.each([
  ["tftp", { uid: 101, gid: 102, groupsOf: "tftp" }],
  ["101", { uid: 101, gid: 102, groupsOf: "tftp" }],
  ["tftp:boards", { uid: 101, gid: 500, groupsOf: undefined }],
  ["7777:8888", { uid: 7_777, gid: 8_888, groupsOf: undefined }],
])("the user %s is %j", (text, identity) => {
  expect(find(text)).toEqual({ text, ...identity });
});

test.each([
  ["", 'expected NAME or NAME:GROUP, got ""'],
  ["tftp:", "expected NAME or NAME:GROUP"],
  ["a:b:c", "expected NAME or NAME:GROUP"],
  ["nobody", 'expected a user of /etc/passwd, got "nobody"'],
  ["7777", 'expected a user of /etc/passwd, or NAME:GROUP, got "7777"'],
  ["tftp:nobody", 'expected a group of /etc/group, got "nobody"'],
])("the user %j is refused: %s", (text, message) => {
  expect(() => find(text)).toThrow(message);
});

/** As a board does: the port is bound a moment before anything is answered. */
async function askUntilAnswered(name: string, port: number): Promise<Packet> {
  const client = await RawClient.open({ address: "127.0.0.1", port });
  for (;;) {
    await client.send(request(name));
    const reply = await client.receivePacket(500).catch(() => undefined);
    if (reply) return reply;
  }
}

const isRoot = process.geteuid?.() === 0;

test.skipIf(!isRoot).each(transports)(
  "as root, serve --user binds, becomes that user in all threads, and then answers (%s)",
  async (transport) => {
    const root = mkdtempSync(join(tmpdir(), "user-"));
    onTestFinished(() => rmSync(root, { recursive: true }));
    chmodSync(root, 0o755);
    writeFileSync(join(root, "public"), "public");
    writeFileSync(join(root, "private"), "private", { mode: 0o600 });
    const cli = new Cli([
      "serve",
      root,
      "-H",
      "127.0.0.1",
      "-p",
      "0",
      "--json",
      "--transport",
      transport,
      "--user",
      "65534:65534",
    ]);
    const [line = ""] = await cli.lines(1);
    const { port } = JSON.parse(line) as { port: number };
    const ask = (name: string): Promise<Packet> => askUntilAnswered(name, port);
    const tasks = `/proc/${cli.process.pid}/task`;
    const ids = (): string[] =>
      readdirSync(tasks).map(
        (task) => /^Uid:.*\nGid:.*$/m.exec(readFileSync(join(tasks, task, "status"), "utf8"))?.[0] ?? "",
      );
    await expect
      .poll(() => new Set(ids()))
      .toEqual(new Set(["Uid:\t65534\t65534\t65534\t65534\nGid:\t65534\t65534\t65534\t65534"]));
    expect(readFileSync(`/proc/${cli.process.pid}/status`, "utf8")).toMatch(/^Groups:\s65534\s*$/m);
    expect(await ask("public")).toMatchObject({ kind: "data" });
    expect(await ask("private")).toMatchObject({ kind: "error", code: 2 });
  },
);

test("a user that is not there is bad usage", async () => {
  const root = mkdtempSync(join(tmpdir(), "user-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  chmodSync(root, 0o755);
  const cli = new Cli(["serve", root, "-H", "127.0.0.1", "-p", "0", "--user", "no such user"]);
  expect(await cli.end()).toBe(2);
  expect(cli.stderr).toContain('--user: expected a user of /etc/passwd, got "no such user"');
});
