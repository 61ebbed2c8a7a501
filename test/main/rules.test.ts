import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Tftp, type TftpOptions } from "../../src/index.ts";

test.each<[rules: unknown, message: string]>([
  ["x", 'rules: expected a rule or an array of rules, got "x"'],
  [[7], "rules[0]: expected a rule, an object, got 7"],
  [[{}], "rules[0]: expected at least one of match, client, mode, options, to"],
  [{ match: "" }, 'rules.match: expected a glob, got ""'],
  [[{ match: "a" }, { match: "!(a)" }], 'rules[1].match: expected a glob, got "!(a)"; a glob cannot'],
  [[{ matches: "*" }], "rules[0].matches: expected one of match, client, "],
  [[{ client: ["10.0.0.0/33"] }], 'rules[0].client: expected an address or CIDR range, such as "192.168.1.0/24", or a'],
  [[{ mode: "mail" }], 'rules[0].mode: expected "octet" or "netascii", got "mail"'],
  [
    [{ options: "=1" }],
    'rules[0].options: expected the name of an option that clients ask for, "NAME=VALUE", or a list',
  ],
  [[{ options: { blksize: 1 } }], "rules[0].options: expected the name of an option"],
  [[{ to: [] }], "rules[0].to: expected a name, or a list of names, got []"],
  [
    [{ match: "*/*", to: "{3}" }],
    'rules[0].to: expected {name} or {client} or {mac} or {1} to {2} in braces, got "{3}"',
  ],
  [[{ match: "a", to: "{1}" }], 'rules[0].to: expected {name} or {client} or {mac} in braces, got "{1}"'],
  [[{ to: "{serial}" }], 'in braces, got "{serial}"'],
  [[{ to: "a}" }], 'in braces, got "}"'],
  [[{ match: "*", root: "boards/{1}" }], 'rules[0].root: expected {client} or {mac} in braces, got "{1}"'],
  [[{ deny: "two\nlines" }], "rules[0].deny: expected a text of 1 to 200 bytes in UTF-8 on one line"],
  [[{ deny: "\u00e9".repeat(101) }], "rules[0].deny: expected a text of 1 to 200 bytes in UTF-8 on one line"],
  [[{ deny: "no", to: "x" }], "rules[0].to: expected only without deny, got both"],
  [[{ profile: "sun" }], 'rules[0].profile: expected "raspberry-pi" or "windows-pe" or'],
  [[{ caseInsensitive: "yes" }], 'rules[0].caseInsensitive: expected true or false, got "yes"'],
  [[{ to: "x", tftpdHpaMap: "y" }], "rules[0].tftpdHpaMap: expected only without to, got both"],
  [{ tftpdHpaMap: { text: "r a b\nq" } }, "rules.tftpdHpaMap: line 2: expected an operation, got q"],
  [{ tftpdHpaMap: "/no such map" }, "rules.tftpdHpaMap: expected the path of a map file; ENOENT"],
])("the rules %j are INVALID_OPTION: %s", async (rules, message) => {
  const error = expect.objectContaining({
    code: "INVALID_OPTION",
    message: expect.stringContaining(message) as string,
  });
  expect(() => new Tftp({ journal: false, rules } as TftpOptions)).toThrow(error as Error);
  const tftp = new Tftp({ journal: false });
  await expect(tftp.reconfigure({ rules } as TftpOptions)).rejects.toEqual(error);
  await tftp.close();
});

test("directories are INVALID_OPTION with an object store", () => {
  const options = { journal: false, source: { scheme: "memory" }, rules: { root: "boards" } } as const;
  expect(() => new Tftp(options)).toThrow('rules.root: expected only without source, got "boards"');
});

test("a map file is read by the constructor, and an error in it has its path and line", () => {
  const directory = mkdtempSync(join(tmpdir(), "map-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const map = join(directory, "tftpd.map");
  writeFileSync(map, "# fine\nr ^/ \nrE a b\n");
  expect(() => new Tftp({ journal: false, rules: { tftpdHpaMap: map } })).toThrow(
    `${map}: line 3: E is not known here`,
  );
});
