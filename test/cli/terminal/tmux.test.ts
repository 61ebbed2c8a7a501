import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isAbsent } from "../../helpers/client-programs.ts";
import { RawClient } from "../../helpers/raw-client.ts";
import { ack } from "../../helpers/raw-packets.ts";
import { TmuxPane } from "../../helpers/tmux.ts";

const root = join(tmpdir(), `tftp-terminal-${randomUUID()}`);
const serve = ["serve", root, "--host", "127.0.0.1", "--port", "0"];
const patience = { interval: 100 };

beforeAll(() => {
  mkdirSync(root);
  writeFileSync(join(root, "zImage"), Buffer.alloc(100_000));
  writeFileSync(join(root, "漢字.bin"), Buffer.alloc(100_000));
  writeFileSync(join(root, "a\u001b[2J\u001b[31mb"), "x");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(isAbsent("tmux", ["-V"]))("on a real terminal", () => {
  test("80x24: bars, results and counters; 40x10 after a resize; lines and a clean screen after Ctrl-C", async () => {
    const pane = new TmuxPane(serve, 80, 24);
    const port = await portOf(pane);
    for (const file of ["zImage", "漢字.bin"]) await half(port, file);
    await expectScreen(pane, / 51% █{6}░{7} .* 127\.0\.0\.1 {2}zImage$/m);
    await expectScreen(pane, / 51% █{6}░{7} .* 127\.0\.0\.1 {2}漢字\.bin$/m);
    await ask(port, "missing");
    await ask(port, "a\u001b[2J\u001b[31mb");
    await expectScreen(pane, /^\d\d:\d\d:\d\d refused {7}127\.0\.0\.1 {8}missing {2}there is no such file$/m);
    await expectScreen(pane, /^\d\d:\d\d:\d\d complete .* a\\x1b\[2J\\x1b\[31mb {2}1 B in/m);
    expect(pane.lines[0]).toBe(`tftp-driver 127.0.0.1:${port}  listening`);
    expect(pane.lines).toHaveLength(24);
    expect(pane.lines.at(-1)).toBe("1 complete · 0 failed · 1 refused · 0 dropped · 1 B served");
    expect(pane.colored).toContain("\u001b[36m█");
    expect(pane.modes).toBe("100");

    pane.resize(40, 10);
    await expectScreen(pane, /^ 51% █{3}░{3} .* {2}zImage$/m);
    await expect.poll(() => pane.lines.at(-1), patience).toBe("1 complete · 0 failed · 1 refused");
    expect(pane.lines).toHaveLength(10);
    expect(pane.lines[0]).toBe(`tftp-driver 127.0.0.1:${port}  listening`);

    pane.resize(100, 24);
    await expectScreen(pane, / 51% █{8}░{8} /);
    pane.press("C-c");
    await expectScreen(pane, /stopping, running transfers may end/);
    pane.press("C-c");
    await expectScreen(pane, /^code 130$/m);
    expect(pane.modes).toBe("011");
    expect(pane.lines).toEqual([
      "before",
      expect.stringMatching(/ listening on 127\.0\.0\.1:\d+$/),
      expect.stringMatching(/ missing to 127\.0\.0\.1:\d+: refused, not found$/),
      expect.stringMatching(/ a\\x1b\[2J\\x1b\[31mb to 127\.0\.0\.1:\d+: 1 B in /),
      expect.stringMatching(/ (zImage|漢字\.bin) to .*: cut short after .* \(Server stopped\)/),
      expect.stringMatching(/ (zImage|漢字\.bin) to .*: cut short after .* \(Server stopped\)/),
      expect.stringMatching(/ stopped$/),
      "code 130",
    ]);
  });

  test.runIf(process.platform === "linux")(
    "Ctrl-Z gives the shell its screen back, and fg ours; NO_COLOR is respected",
    async () => {
      const pane = new TmuxPane(serve, 80, 24, { NO_COLOR: "1" });
      await portOf(pane);
      expect(pane.colored).not.toContain("\u001b");
      pane.press("C-z");
      await expect.poll(() => pane.modes, patience).toBe("011");
      pane.resume();
      await expect.poll(() => pane.modes, patience).toBe("100");
      await expectScreen(pane, /^tftp-driver 127\.0\.0\.1:\d+ {2}listening$/m);
    },
  );

  test("--plain prints lines on a terminal, too", async () => {
    const pane = new TmuxPane([...serve, "--plain"], 80, 24);
    await expectScreen(pane, /^before\n\d\d:\d\d:\d\d listening on 127\.0\.0\.1:\d+\ntry: curl /);
    expect(pane.modes).toBe("011");
  });

  test("a start that fails prints one line, and opens no screen", async () => {
    const pane = new TmuxPane([...serve, "--host", "192.0.2.1"], 80, 24);
    await expectScreen(pane, /^before\ntftp-driver: .*192\.0\.2\.1.*\ncode 1$/s);
  });
});

async function portOf(pane: TmuxPane): Promise<number> {
  await expectScreen(pane, /^tftp-driver 127\.0\.0\.1:\d+ {2}listening$/m);
  return Number(/:(\d+) /.exec(pane.lines[0] as string)?.[1]);
}

async function expectScreen(pane: TmuxPane, text: RegExp): Promise<void> {
  await expect.poll(() => pane.lines.join("\n"), patience).toMatch(text);
}

/** A client that has taken a good half of the file, and holds on. */
async function half(port: number, file: string): Promise<void> {
  const client = await RawClient.open({ address: "127.0.0.1", port });
  await client.request(file, { options: [["blksize", "1024"]] });
  for (let block = 0; block <= 50; block++) {
    await client.send(ack(block));
    await client.receive();
  }
}

/** A client that takes one block, or an ERROR. */
async function ask(port: number, file: string): Promise<void> {
  const client = await RawClient.open({ address: "127.0.0.1", port });
  const reply = await client.ask(file);
  if (reply.kind === "data") await client.send(ack(1));
}
