import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Cli } from "../../helpers/cli.ts";
import { quietPort } from "../../helpers/quiet-port.ts";
import { sharedServer } from "../../helpers/raw-server.ts";

const server = sharedServer({}, { "boot/hello.txt": "hello\n" });
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tftp-get-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
});

test("without -o the file goes by its base name into the working directory", async () => {
  expect(await get(url("boot/hello.txt"))).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(contents()).toEqual({ "hello.txt": "hello\n" });
});

test("-o - is stdout, and nothing else goes there", async () => {
  expect(await get(url("boot/hello.txt"), "-o", "-")).toEqual({ code: 0, stdout: "hello\n", stderr: "" });
  expect(contents()).toEqual({});
});

test("an older file is replaced; through a symbolic link, the file behind it", async () => {
  writeFileSync(join(directory, "old"), "something longer than hello");
  symlinkSync("old", join(directory, "link"));
  expect(await get(url("boot/hello.txt"), "-o", "link")).toMatchObject({ code: 0 });
  expect(contents()).toEqual({ old: "hello\n", link: "hello\n" });
});

test("a missing file is one clear line and exit code 1; an older file stays, and nothing is left behind", async () => {
  writeFileSync(join(directory, "out"), "old");
  const stderr = `tftp-driver: ${url("missing")}: File not found (TFTP error 1)\n`;
  const run = await get(url("missing"), "-o", "out");
  expect(run.stderr.toLowerCase()).toBe(stderr.toLowerCase());
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(contents()).toEqual({ out: "old" });
});

test("a port where nothing listens is one clear line and exit code 1, at once", async () => {
  const port = await quietPort();
  const run = await get(`tftp://127.0.0.1:${port}/x`, "--timeout", "255");
  const line = `nothing listens on UDP port ${port} there (ICMP port unreachable)`;
  expect(run).toEqual({ code: 1, stdout: "", stderr: `tftp-driver: tftp://127.0.0.1:${port}/x: ${line}\n` });
  expect(contents()).toEqual({});
});

test("get asks for what its options say", async () => {
  const mute = createSocket("udp4").bind(0, "127.0.0.1");
  await once(mute, "listening");
  const options = ["--blksize", "512", "--windowsize", "2", "--timeout", "7"];
  const cli = new Cli(["get", `tftp://127.0.0.1:${mute.address().port}/x`, ...options], { cwd: directory });
  const [request] = (await once(mute, "message")) as [Buffer];
  expect(request.toString("latin1", 2).split("\0")).toEqual(
    expect.arrayContaining(["x", "octet", "blksize", "512", "windowsize", "2", "timeout", "7"]),
  );
  cli.process.kill("SIGINT");
  expect(await cli.end()).toBe(130);
  mute.close();
});

test.each([
  ["no/such/out", "no/such/out: ENOENT"],
  [".", ".: is a directory"],
])("an output that cannot be written is one clear line and exit code 1: %s", async (out, message) => {
  const { code, stderr } = await get(url("boot/hello.txt"), "-o", out);
  expect(code).toBe(1);
  expect(stderr).toContain(`tftp-driver: ${message}`);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("SIGINT ends get with exit code 130, and leaves nothing behind", async () => {
  const mute = createSocket("udp4").bind(0, "127.0.0.1");
  await once(mute, "listening");
  const cli = new Cli(["get", `tftp://127.0.0.1:${mute.address().port}/x`], { cwd: directory });
  await once(mute, "message");
  expect(readdirSync(directory)).toEqual([expect.stringMatching(/^\.x\.\w+\.part$/)]);
  cli.process.kill("SIGINT");
  expect(await cli.end()).toBe(130);
  expect(contents()).toEqual({});
  expect(cli.stderr).toBe("");
  mute.close();
});

async function get(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const cli = new Cli(["get", ...args], { cwd: directory });
  const code = await cli.end();
  return { code, stdout: cli.stdout, stderr: cli.stderr };
}

function url(file: string): string {
  return `tftp://127.0.0.1:${server.wellKnown.port}/${file}`;
}

function contents(): Record<string, string> {
  return Object.fromEntries(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}
