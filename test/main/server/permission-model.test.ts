import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { networkIsForbidden } from "../../../src/worker/transport/network-permission.ts";
import { NodeProgram } from "../../helpers/node-program.ts";

const sources = fileURLToPath(process.env["TFTP_COMPILED_SOURCES"] ?? "");
const modules = realpathSync(join(import.meta.dirname, "../../../node_modules"));
const flags = process.allowedNodeEnvironmentFlags;
const knowsNetwork = flags.has("--allow-net");

const program = `
  import { Tftp } from ${JSON.stringify(`${process.env["TFTP_COMPILED_SOURCES"]}index.js`)};
  const [, , rootDir, transport, task] = process.argv;
  const scheme = task === "storage" ? undefined : task;
  const source = scheme && { scheme, root: rootDir };
  const tftp = new Tftp({ rootDir, host: "127.0.0.1", port: 0, journal: false, transport, ...(source && { source }) });
  try {
    if (task === "storage") {
      const { storage } = tftp;
      await storage.write("hello.txt", "replaced");
      await storage.write("new/file", "new");
      await storage.readIntoPath("new/file", rootDir + "/copy");
      process.umask(0o077);
      await storage.write("hello.txt", "replaced again");
    }
    const { port } = await tftp.start();
    const ended = tftp.waitForTransfer();
    const socket = (await import("node:dgram")).createSocket("udp4");
    socket.on("message", (_, { port }) => socket.send(Uint8Array.from([0, 4, 0, 1]), port, "127.0.0.1"));
    socket.send(Buffer.from("\\0\\x01hello.txt\\0octet\\0"), port, "127.0.0.1");
    console.log((await ended).outcome);
    socket.close();
  } catch (error) {
    console.log(error.code, error.message);
  }
  await tftp.close();
`;

test("under the permission model a root that may be read is served", async () => {
  const { root, run } = project();
  expect(await run("dgram", `--allow-fs-read=${root}`, ...(knowsNetwork ? ["--allow-net"] : []))).toBe("complete");
});

test("the server's thread may not read what the process may not", async () => {
  const { run } = project();
  expect(await run("dgram", ...(knowsNetwork ? ["--allow-net"] : []))).toMatch(/^ROOT_NOT_READABLE /);
});

test("storage writes and replaces, with sync, and says why a mode that the umask forbids cannot be kept", async () => {
  const { root, run } = project();
  const permitted = [`--allow-fs-read=${root}`, `--allow-fs-write=${root}`];
  expect(await run("dgram storage", ...permitted)).toMatch(
    /^STORAGE_FAILED hello\.txt: Node's permission model .* mode 0644: remove the file first/,
  );
  expect(["hello.txt", "copy"].map((name) => readFileSync(join(root, name), "utf8"))).toEqual(["replaced", "new"]);
});

test("without --allow-worker no thread is spawned", async () => {
  const { root, run } = project();
  expect(await run("dgram", `--allow-fs-read=${root}`, "--no-allow-worker")).toMatch(
    /^START_FAILED no thread can be spawned: /,
  );
});

test("without a temporary directory for the store's process the source is unavailable", async () => {
  const { root, run } = project();
  expect(await run("dgram fs", `--allow-fs-read=${root}`)).toMatch(/^SOURCE_UNAVAILABLE source: .*restricted/);
});

test.skipIf(!knowsNetwork)("without --allow-net dgram is refused", async () => {
  const { root, run } = project();
  expect(await run("dgram", `--allow-fs-read=${root}`)).toMatch(/^PERMISSION_DENIED .*give node --allow-net$/);
});

test.skipIf(!knowsNetwork)(
  "without --allow-net the native transport, which could go round it, is refused",
  async () => {
    const { root, run } = project();
    const permitted = [`--allow-fs-read=${root}`, "--allow-fs-read=/dev/null", "--allow-addons"];
    expect(await run("native", ...permitted)).toMatch(/^START_FAILED .*(--allow-net|for Linux|koffi)/);
    expect(await run("native", ...permitted, "--allow-net")).toMatch(/^complete$|for Linux|koffi/);
  },
);

test.each([
  ["without a permission model", undefined, true, false],
  ["by a model that does not know of the network", false, false, false],
  ["with --allow-net", true, true, false],
  ["without --allow-net", false, true, true],
])("the network is forbidden only under the model and without its flag: %s", (_, net, known, expected) => {
  const permission = net === undefined ? undefined : { has: () => net };
  const replaced: Record<string, unknown> = {
    permission,
    allowedNodeEnvironmentFlags: new Set(known ? ["--allow-net"] : []),
  };
  for (const [name, value] of Object.entries(replaced)) replace(name, value);
  expect(networkIsForbidden()).toBe(expected);
});

/** A root beside the directory in which programs run: a thread may read its working directory whatever the flags. */
function project(): { root: string; run: (transport: string, ...permitted: string[]) => Promise<string> } {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "tftp-permission-")));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [root, cwd] = [join(directory, "root"), join(directory, "program")];
  for (const each of [root, cwd]) mkdirSync(each);
  writeFileSync(join(root, "hello.txt"), "hello\n", { mode: 0o644 });
  writeFileSync(join(cwd, "main.mjs"), program);
  const run = async (transport: string, ...permitted: string[]): Promise<string> => {
    const model = flags.has("--permission") ? "--permission" : "--experimental-permission";
    const worker = permitted.includes("--no-allow-worker") ? [] : ["--allow-worker"];
    const others = permitted.filter((flag) => flag !== "--no-allow-worker");
    const readable = [sources, modules, cwd].map((path) => `--allow-fs-read=${path}`);
    const child = new NodeProgram(
      [model, ...readable, ...worker, ...others, "main.mjs", root, ...transport.split(" ")],
      { cwd },
    );
    expect(await child.end(), child.stderr).toBe(0);
    return child.stdout.trim();
  };
  return { root, run };
}

/** For the rest of the test. */
function replace(name: string, value: unknown): void {
  const original = Object.getOwnPropertyDescriptor(process, name);
  Object.defineProperty(process, name, { value, configurable: true });
  onTestFinished(() => {
    if (original) Object.defineProperty(process, name, original);
    else Reflect.deleteProperty(process, name);
  });
}
