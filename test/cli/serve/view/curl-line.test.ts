import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { curlLine } from "../../../../src/cli/serve/view/curl-line.ts";
import { findServedFile } from "../../../../src/cli/serve/view/find-served-file.ts";
import { parseTftpUrl } from "../../../../src/cli/get/tftp-url.ts";
import { Cli } from "../../../helpers/cli.ts";
import { isOpenDalAbsent } from "../../../helpers/opendal.ts";

const isRoot = process.getuid?.() === 0;

test.each([
  [["z.bin", "hello.txt", "a.bin"], "hello.txt"],
  [["z.bin", "a.bin", "0/b.bin"], "a.bin"],
  [["board2/zImage", "board1/deep/zImage", "board1/zImage"], "board1/zImage"],
  [["board1/deep/zImage"], "board1/deep/zImage"],
  [[".tftp-driver-tmp-0123", "later.bin"], "later.bin"],
])("of %j the curl line offers %s", async (files, offered) => {
  const line = await curlLine({ rootDir: directoryWith(files), patterns: [] }, "127.0.0.1", 69);
  expect(line).toBe(`try: curl -o - tftp://127.0.0.1:69/${offered}`);
});

test("a name that means something to a shell is offered so that both shell and URL give it back", async () => {
  const name = "it's (a) $HOME & *?#%.bin";
  const line = await curlLine({ rootDir: directoryWith([name]), patterns: [] }, "127.0.0.1", 69);
  const url = line?.slice("try: curl -o - ".length) ?? "";
  expect(url).toMatch(/^[\w.:/%-]+$/);
  expect(parseTftpUrl(url).file).toBe(name);
});

test("a symbolic link is not offered, for it may lead out of the root", async () => {
  const rootDir = directoryWith(["b.bin"]);
  symlinkSync("/etc/passwd", join(rootDir, "a.bin"));
  expect((await findServedFile(rootDir)).found).toBe("b.bin");
});

test.skipIf(isRoot)("a file that the server may not read is not offered", async () => {
  const rootDir = directoryWith(["a.bin", "b.bin"]);
  chmodSync(join(rootDir, "a.bin"), 0);
  expect((await findServedFile(rootDir)).found).toBe("b.bin");
});

test("without a file, not even in a subdirectory, the line says so; a virtual file is one", async () => {
  const rootDir = directoryWith([]);
  mkdirSync(join(rootDir, "board1"));
  expect(await curlLine({ rootDir, patterns: [] }, "::", 69)).toBe(`no files in ${rootDir} yet`);
  const patterns = ["pxelinux.cfg/*", "boot.cfg"];
  expect(await curlLine({ rootDir, patterns }, "127.0.0.1", 69)).toBe("try: curl -o - tftp://127.0.0.1:69/boot.cfg");
});

test("a directory too large to be looked through, or gone, is not called empty", async () => {
  const rootDir = directoryWith(["1/", "2/", "3/", "3/a.bin"]);
  expect(await findServedFile(rootDir, 3)).toEqual({ found: undefined, complete: false });
  expect(await findServedFile(rootDir)).toMatchObject({ found: "3/a.bin" });
  expect(await curlLine({ rootDir: join(rootDir, "gone"), patterns: [] }, "127.0.0.1", 69)).toBeUndefined();
});

test("with a source no file of the root directory is offered, only a virtual file with a plain name", async () => {
  expect(await curlLine({ rootDir: undefined, patterns: ["*.cfg"] }, "127.0.0.1", 69)).toBeUndefined();
  const line = await curlLine({ rootDir: undefined, patterns: ["*.cfg", "boot.cfg"] }, "127.0.0.1", 69);
  expect(line).toBe("try: curl -o - tftp://127.0.0.1:69/boot.cfg");
});

test.skipIf(isOpenDalAbsent())("serving a source reports no error about the root directory", async () => {
  const rootDir = directoryWith(["hello.txt"]);
  const config = join(rootDir, "tftp.yaml");
  const address = "host: 127.0.0.1\nport: 0\nstart_timeout_ms: 60000\n";
  writeFileSync(config, `source: { scheme: memory }\n${address}files: { boot.cfg: text }\n`);
  const cli = new Cli(["serve", "--config", config]);
  expect(await cli.lines(2)).toContainEqual(expect.stringMatching(/^try: curl -o - tftp:\S+\/boot\.cfg$/));
  cli.process.kill("SIGTERM");
  await cli.end();
  expect(cli.stderr).toBe("");
});

/** A directory that holds these files; a name that ends in `/` is a directory. */
function directoryWith(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "tftp-curl-line-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(join(root, file.endsWith("/") ? file : dirname(file)), { recursive: true });
    if (!file.endsWith("/")) writeFileSync(join(root, file), "content\n");
  }
  return root;
}
