import { connect } from "node:net";
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exporterService } from "../../src/jumpstarter/wire/services.ts";
import { failureOf } from "../helpers/jumpstarter/exporter-client.ts";
import { ExporterGround } from "../helpers/jumpstarter/exporter-ground.ts";

test("the tree is reported with each parent before its children, and the Python classes that drive them", async () => {
  const { client } = await new ExporterGround().start();
  const [root, tftp, storage] = client.reports;
  expect(client.reports).toHaveLength(3);
  expect(root).toMatchObject({ parentUuid: undefined, labels: { "jumpstarter.dev/client": expect.any(String) } });
  expect(tftp).toMatchObject({
    parentUuid: root?.uuid,
    labels: {
      "jumpstarter.dev/client": "jumpstarter_driver_tftp.client.TftpServerClient",
      "jumpstarter.dev/name": "tftp",
    },
  });
  expect(storage).toMatchObject({ parentUuid: tftp?.uuid, labels: { "jumpstarter.dev/name": "storage" } });
});

test("the server is started, asked for its port, and stopped, each twice without harm", async () => {
  const { client } = await new ExporterGround().start();
  expect(await client.call("tftp", "start")).toBeNull();
  expect(await client.call("tftp", "start")).toBeNull();
  expect(await client.call("tftp", "get_host")).toBe("127.0.0.1");
  expect(await client.call("tftp", "get_port")).toBeGreaterThan(0);
  expect(await client.call("tftp", "stop")).toBeNull();
  expect(await client.call("tftp", "stop")).toBeNull();
});

test("what a client uploads, it lists, hashes, downloads and removes", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  const content = Buffer.alloc(3_000_000, "0123456789abcdef-");
  await client.upload("boot/zImage", content);
  expect(ground.files()).toEqual(["boot", "boot/zImage"]);
  expect(content.equals(await client.download("boot/zImage"))).toBe(true);
  expect(await client.streamingCall("storage", "list", "/")).toEqual(["/", "boot/"]);
  expect(await client.streamingCall("storage", "scan", "")).toEqual(["/", "boot/", "boot/zImage"]);
  expect(await client.streamingCall("storage", "list", "boot")).toEqual(["boot/"]);
  expect(await client.streamingCall("storage", "list", "nowhere/")).toEqual([]);
  expect(await client.call("storage", "stat", "boot/zImage")).toEqual({
    content_disposition: null,
    content_length: 3_000_000,
    content_md5: null,
    content_type: null,
    etag: null,
    mode: { entry_is_dir: false, entry_is_file: true },
  });
  expect(await client.call("storage", "hash", "boot/zImage", "md5")).toMatch(/^[0-9a-f]{32}$/);
  expect(await client.call("storage", "get_created_resources")).toEqual(["boot", "boot/zImage"]);
  expect(await client.call("storage", "remove_all", "boot/")).toBeNull();
  expect(ground.files()).toEqual([]);
});

test("a file is read from its position on, and written by several uploads in their order", async () => {
  const { client } = await new ExporterGround().start();
  const fd = (await client.call("storage", "open", "a", "wb")) as string;
  for (const text of ["one ", "two"]) {
    const stream = await client.stream("storage");
    stream.send(Buffer.from(text));
    stream.end();
    await Promise.all([stream.received(), client.call("storage", "file_write", fd, stream.handle)]);
  }
  expect(await client.call("storage", "file_closed", fd)).toBe(false);
  expect(await client.call("storage", "file_close", fd)).toBeNull();
  expect(await client.call("storage", "file_close", fd)).toBeNull();
  expect(await client.call("storage", "file_closed", fd)).toBe(true);
  const reading = (await client.call("storage", "open", "a", "rb")) as string;
  expect(await client.call("storage", "file_seek", reading, -3, 2)).toBe(4);
  const stream = await client.stream("storage");
  stream.end();
  const [rest] = await Promise.all([stream.received(), client.call("storage", "file_read", reading, stream.handle)]);
  expect(rest.toString()).toBe("two");
  expect(await client.call("storage", "file_tell", reading)).toBe(7);
});

test("each way to call wrongly has its own gRPC status, in one line", async () => {
  const { client } = await new ExporterGround().start();
  const storage = (method: string, ...args: never[]): Promise<unknown> => client.call("storage", method, ...args);
  const cases: [() => Promise<unknown>, number, string][] = [
    [() => storage("nonesuch"), 5, "there is no such method"],
    [() => storage("list", "/" as never), 5, "there is no such method"],
    [() => client.streamingCall("storage", "stat", "/"), 5, "there is no such method"],
    [() => client.call("", "start"), 5, "there is no such method"],
    [() => client.call("tftp", "close"), 5, "there is no such method"],
    [() => storage("stat"), 3, "stat: expected 1 arguments, got 0"],
    [() => storage("stat", 5 as never), 3, "stat: path: expected a string without NUL, got 5"],
    [() => storage("open", "a" as never, "r+" as never), 3, 'mode: expected "rb" or "wb", got "r+"'],
    [() => storage("stat", "nowhere" as never), 2, "NOT_FOUND: nowhere"],
    [() => storage("open", "nowhere" as never, "rb" as never), 2, "NOT_FOUND: nowhere"],
    [() => storage("open", "../a" as never, "wb" as never), 2, "PATH_OUTSIDE_ROOT: ../a"],
    [() => storage("create_dir", "a" as never), 2, 'expected "/" at the end'],
    [() => storage("file_close", "x" as never), 2, "expected an open file"],
    [() => storage("file_write", "x" as never, {} as never), 3, "expected the handle of a stream"],
    [
      () => client.unary(exporterService.DriverCall, { uuid: "x", method: "start", args: [] }),
      2,
      "there is no such driver",
    ],
  ];
  for (const [call, code, text] of cases) {
    const failure = await failureOf(call());
    expect(failure).toEqual({ code, details: expect.stringContaining(text) });
    expect(failure.details).not.toContain("\n");
  }
});

test("no error text names a path of this machine", async () => {
  const ground = new ExporterGround();
  const events = ground.events;
  const { client } = await ground.start();
  await client.upload("file", Buffer.from("x"));
  // A directory whose name is taken by a file.
  const { details } = await failureOf(client.upload("file/below", Buffer.from("x")));
  expect(details).not.toContain(ground.directory);
  expect(events.filter(({ type }) => type === "driver-call").length).toBeGreaterThan(3);
});

test("a root that cannot be made is named in our log, and not to the client", async () => {
  const ground = new ExporterGround();
  const { Tftp } = await import("../../src/main/tftp.ts");
  const { client } = await ground.start({
    tftp: () => new Tftp({ rootDir: "/proc/nowhere", host: "127.0.0.1", port: 0, journal: false }),
  });
  const { code, details } = await failureOf(client.call("tftp", "start"));
  expect(code).toBe(2);
  expect(details).toContain("ROOT_NOT_READABLE");
  expect(details).not.toContain("/proc");
  const warning = ground.events.find(({ type }) => type === "exporter-warning");
  expect(JSON.stringify(warning)).toContain("/proc/nowhere");
});

test("the socket belongs to this user alone, and what speaks no HTTP/2 on it disturbs no client", async () => {
  const ground = new ExporterGround();
  const { client } = await ground.start();
  expect(statSync(ground.socket).mode & 0o777).toBe(0o600);
  expect(statSync(`${ground.directory}/private`).mode & 0o777).toBe(0o700);
  const stranger = connect(ground.socket).on("error", () => {});
  stranger.end("GET / HTTP/1.1\r\n\r\n");
  await new Promise((resolve) => stranger.once("close", resolve).resume());
  expect(await client.call("storage", "exists", "a")).toBe(false);
});

test.skipIf(process.platform === "win32")("no call takes a path that leads out of the root", async () => {
  const ground = new ExporterGround();
  const outside = join(ground.directory, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "secret"), "secret");
  mkdirSync(join(ground.root, "sub"), { recursive: true });
  writeFileSync(join(ground.root, "a"), "a");
  symlinkSync(outside, join(ground.root, "link"));
  symlinkSync("../..", join(ground.root, "sub/up"));
  const { client } = await ground.start();
  const paths = [
    "../outside/secret",
    "sub/../../outside/secret",
    "link/secret",
    "link/new",
    "sub/up/outside/secret",
    "a\0b",
  ];
  for (const path of paths) {
    for (const [method, ...args] of callsWith(path)) {
      const { details } = await failureOf(client.call("storage", method, ...args));
      expect(details, method).toMatch(path.includes("\0") ? /without NUL/ : /leads out of the root/);
    }
  }
  expect(await readdir(outside)).toEqual(["secret"]);
  expect(await readdir(ground.root)).toEqual(["a", "link", "sub"]);
});

/** Each call of storage that takes a path, with it. */
function callsWith(path: string): [string, ...string[]][] {
  return [
    ...["stat", "exists", "hash", "delete", "remove_all", "register_path"].map((name): [string, string] => [
      name,
      path,
    ]),
    ["create_dir", `${path}/`],
    ["open", path, "rb"],
    ["open", path, "wb"],
    ["copy", path, "b"],
    ["copy", "a", path],
    ["rename", path, "b"],
    ["rename", "a", path],
  ];
}
