import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { Cli } from "../../helpers/cli.ts";

test("explain prints the rule and the file, and exits with 1 if there is none", async () => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "explain-")));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  mkdirSync(join(directory, "boards"));
  writeFileSync(join(directory, "boards/192.0.2.7"), "12345");
  const config = join(directory, "tftp.yaml");
  writeFileSync(config, "root_dir: .\nrules:\n  - { match: me, to: 'boards/{client}' }\n");
  const asking = new Cli(["explain", "me", "-c", "192.0.2.7", "--config", config, "--option", "blksize=1456,tsize"]);
  expect(await asking.end()).toBe(0);
  expect(asking.stdout).toContain("request: me by 192.0.2.7, octet, blksize 1456, tsize\n");
  const run = async (client: string): Promise<[number | null, string]> => {
    const cli = new Cli(["explain", "me", "--client", client, "--config", config]);
    return [await cli.end(), cli.stdout];
  };
  expect(await run("192.0.2.7")).toEqual([
    0,
    `request: me by 192.0.2.7, octet
rule:    rules[0] { match: me, to: "boards/{client}" }
served:  boards/192.0.2.7
tried:   ${directory}/boards/192.0.2.7: found
result:  ${directory}/boards/192.0.2.7, 5 B
`,
  ]);
  const [code, text] = await run("192.0.2.8");
  expect(code).toBe(1);
  expect(text).toContain("result:  ERROR 1 File not found (not-found)\n");
  writeFileSync(config, "root_dir: .\nrules: { root: commn }\n");
  expect((await run("192.0.2.7"))[1]).toContain(`tried:   directory ${directory}/commn: not-found\n`);
});

test.each([
  [["explain"], "explain: expected the name of a file"],
  [["explain", "a"], "explain: expected --client ADDRESS"],
  [["explain", "a", "--client", "192.0.2.7"], "explain: expected --config FILE"],
  [
    ["explain", "a", "-c", "192.0.2.7", "--config", "f", "--option", "=7"],
    '--option: expected NAME or NAME=VALUE, got "=7"',
  ],
  [
    ["explain", "a", "-c", "192.0.2.7", "--config", "f", "--mode", "mail"],
    '--mode: expected octet or netascii, got "mail"',
  ],
])("%j is refused: %s", (args, message) => {
  expect(() => parseCommandLine(args)).toThrow(message);
});
