import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hosts } from "../../../src/contract/options/host-spec.ts";
import { fetchFile } from "../../../src/main/client/tftp-client.ts";
import { Cli } from "../../helpers/cli.ts";

const root = mkdtempSync(join(tmpdir(), "tftp-serve-"));
const anyPort = [root, "--host", "127.0.0.1", "--port", "0"] as const;

const { HOST: _host, PORT: _port, ...withoutHost } = process.env;

beforeAll(() => writeFileSync(join(root, "hello.txt"), "hello\n"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("with --json the first line has the port, each line is an event, and SIGTERM ends serve with exit code 0", async () => {
  const cli = new Cli(["serve", ...anyPort, "--json"]);
  const [first = ""] = await cli.lines(1);
  expect(first).toMatch(/^\{"type":"listening","host":"127\.0\.0\.1","port":\d+,/);
  await fetch(first);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
  const types = cli.stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { type: string }).type);
  expect(types[0]).toBe("listening");
  expect(types).toContain("transfer-ended");
  expect(types.slice(-2)).toEqual(["stopped", "state"]);
});

test("without --json serve prints a curl line and a line for each transfer; SIGINT ends it with exit code 0", async () => {
  const cli = new Cli(["serve", ...anyPort]);
  const [listening = "", hint = ""] = await cli.lines(2);
  const port = Number(/127\.0\.0\.1:(\d+)$/.exec(listening)?.[1]);
  expect(hint).toBe(`try: curl -o - tftp://127.0.0.1:${port}/hello.txt`);
  await fetchFile({ host: "127.0.0.1", port, file: "hello.txt", onData: () => {} });
  expect((await cli.lines(3))[2]).toMatch(/ hello\.txt to 127\.0\.0\.1:\d+: 6 B in /);
  cli.process.kill("SIGINT");
  expect(await cli.end()).toBe(0);
});

test("--open-ui serves a page until the end, and prints its URL; with --json on stderr", async () => {
  const cli = new Cli(["serve", ...anyPort, "--open-ui", "0"]);
  const said = /^dashboard: (http:\/\/127\.0\.0\.1:\d+\/)$/;
  const url = said.exec((await cli.lines(2))[0] as string)?.[1] as string;
  await expect(globalThis.fetch(url).then((response) => response.text())).resolves.toContain("<h1>TFTP server</h1>");
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
  await expect(globalThis.fetch(url)).rejects.toThrow("fetch failed");

  const json = new Cli(["serve", ...anyPort, "--open-ui", "0", "--json"]);
  const [first = ""] = await json.lines(1);
  expect(JSON.parse(first)).toMatchObject({ type: "listening" });
  expect(json.stderr.trimEnd()).toMatch(said);
});

test("a second signal cuts the grace short: the client gets an ERROR, the exit code stands for the signal", async () => {
  const cli = new Cli(["serve", ...anyPort, "--json"]);
  const { port } = JSON.parse((await cli.lines(1))[0] as string) as { port: number };
  const client = createSocket("udp4").bind(0, "127.0.0.1");
  const packets: Buffer[] = [];
  client.on("message", (packet) => packets.push(packet));
  client.send("\0\u0001hello.txt\0octet\0", port, "127.0.0.1");
  await once(client, "message");
  cli.process.kill("SIGTERM");
  // A well-known port that has fallen silent shows that the first signal has arrived.
  await expect.poll(() => refuses(port)).toBe(true);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(143);
  await expect.poll(() => packets.at(-1)?.readUInt16BE(0)).toBe(5);
  client.close();
});

test("serve on a port in use prints one clear line, and exits with 1", async () => {
  const taken = createSocket("udp4").bind(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address();
  const cli = new Cli(["serve", root, "--host", "127.0.0.1", "--port", `${port}`]);
  expect(await cli.end()).toBe(1);
  expect(cli.stderr).toBe(`tftp-driver: UDP port ${port} of 127.0.0.1 is in use by another socket\n`);
  expect(cli.stdout).toBe("");
  taken.close();
});

test.each([
  [["serve", "--port", "x"], '--port: expected a whole number from 0 to 65535, got "x"'],
  [["serve", "--host", "localhost"], `--host: expected ${hosts().expected}, got "localhost"`],
  [["boot"], 'expected a command: serve, get, explain, export, shell, completion or help, not "boot"'],
  [["serve", "/no/such/directory"], "/no/such/directory: there is no such directory; --create creates it"],
  [["serve", import.meta.filename], `${import.meta.filename}: expected a directory`],
])("bad usage is one clear line, and exit code 2: %o", async (args, message) => {
  const cli = new Cli(args);
  expect(await cli.end()).toBe(2);
  expect(cli.stderr).toBe(`tftp-driver: ${message}\n`);
});

test("a reader of stdout may close it: the server goes on serving", async () => {
  const cli = new Cli(["serve", ...anyPort, "--json"]);
  const [first = ""] = await cli.lines(1);
  cli.process.stdout.destroy();
  await fetch(first);
  await fetch(first);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
  expect(cli.stderr).toBe("tftp-driver: stdout: write EPIPE\n");
});

test("a directory that was typed is not created, unless --create says so", async () => {
  const missing = join(root, "typo", "boot");
  const refused = new Cli(["serve", missing, "--check"]);
  expect(await refused.end()).toBe(2);
  expect(existsSync(missing)).toBe(false);
  const cli = new Cli(["serve", missing, "--create", "--host", "127.0.0.1", "--port", "0", "--json"]);
  await cli.lines(1);
  expect(existsSync(missing)).toBe(true);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
  rmSync(join(root, "typo"), { recursive: true });
});

test("without --host all addresses are bound, a line has them, and a client of IPv4 is served", async () => {
  const cli = new Cli(["serve", root, "--port", "0"], { env: withoutHost });
  const [listening = "", addresses = ""] = await cli.lines(3);
  const port = Number(/ (?:\[::\]|0\.0\.0\.0):(\d+)$/.exec(listening)?.[1]);
  expect(addresses).toMatch(/^boards reach it at |^this machine has no address for boards yet$/);
  const own = Object.values(networkInterfaces()).flatMap((infos = []) => infos);
  for (const { address } of own.filter(({ family, internal }) => family === "IPv4" && !internal)) {
    expect(addresses).toContain(`${address} (`);
  }
  await expect(fetchFile({ host: "127.0.0.1", port, file: "hello.txt", onData: () => {} })).resolves.toBe(6);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
});

test("PORT and HOST of the environment are taken", async () => {
  const cli = new Cli(["serve", root, "--json"], { env: { ...process.env, HOST: "127.0.0.1", PORT: "0" } });
  const [first = ""] = await cli.lines(1);
  expect(first).toMatch(/^\{"type":"listening","host":"127\.0\.0\.1","port":\d\d+,/);
  cli.process.kill("SIGTERM");
  expect(await cli.end()).toBe(0);
});

/** Fetches hello.txt from where the listening line says. */
async function fetch(listening: string): Promise<void> {
  const { host, port } = JSON.parse(listening) as { host: string; port: number };
  await expect(fetchFile({ host, port, file: "hello.txt", onData: () => {} })).resolves.toBe(6);
}

/** Whether nobody listens on that port any more (ICMP). */
async function refuses(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.send("\0\u0004\0\0");
    return await Promise.race([
      once(socket, "error").then(() => true),
      once(socket, "message").then(() => false),
      soon(),
    ]);
  } finally {
    socket.close();
  }
}

function soon(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 100));
}
