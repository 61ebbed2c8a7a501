import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { FileRequest } from "../../src/contract/rules/virtual-files.ts";
import type { AddedFile, Tftp } from "../../src/index.ts";
import { noise } from "../helpers/raw-content.ts";
import { download } from "../helpers/raw-download.ts";
import { sharedServer, TestServer } from "../helpers/raw-server.ts";

const server = sharedServer({ handlerTimeoutMs: 300 }, { "disk.txt": "disk", "boards/default": "disk" });
const added: AddedFile[] = [];

afterEach(async () => {
  await Promise.all(added.splice(0).map((file) => file.remove()));
});

/** Until the end of the test. */
async function serve(...rule: Parameters<Tftp["addFile"]>): Promise<void> {
  const file = server.tftp.addFile(...rule);
  added.push(file);
  await file.ready;
}

/** The content that a new client gets, or how it is refused. */
async function fetch(file: string, at?: { address: string }): Promise<string> {
  const client = await server.client(at);
  const first = await client.ask(file);
  client.close();
  return first.kind === "data" ? first.payload.toString() : first.kind === "error" ? `error ${first.code}` : first.kind;
}

describe("content that is always the same", () => {
  test.each([
    ["text", "Küche"],
    ["bytes", Buffer.from("Küche")],
  ])("constant content is served from %s, and is a copy", async (_, content) => {
    await serve("boot.cfg", content);
    if (typeof content !== "string") content.fill(0);
    expect(await fetch("boot.cfg")).toBe("Küche");
    expect(await fetch("/boot.cfg")).toBe("Küche");
    expect(await fetch("boot.cfg.old")).toBe("error 1");
  });

  test("content is served from a path, inside the root or outside", async () => {
    writeFileSync(join(dirname(server.root), "outside.txt"), "outside");
    await serve("inside", { path: "boards/default" });
    await serve("outside", { path: join(dirname(server.root), "outside.txt") });
    await serve("directory", { path: dirname(server.root) });
    await serve("nothing", { path: "nothing-there" });
    expect(await fetch("inside")).toBe("disk");
    expect(await fetch("outside")).toBe("outside");
    expect(await fetch("directory")).toBe("error 2");
    expect(await fetch("nothing")).toBe("error 1");
  });

  test("constant content arrives whole, with its size, in any mode", async () => {
    const bytes = noise(1 << 20);
    await serve("big", bytes);
    await serve("lines", "a\nb\n");
    const options = [
      ["tsize", "0"],
      ["blksize", "1468"],
      ["windowsize", "16"],
    ] as const;
    const { content, granted } = await download(await server.client(), "big", { options });
    expect(content.equals(bytes)).toBe(true);
    expect(granted).toMatchObject({ tsize: String(bytes.length) });
    const lines = await download(await server.client(), "lines", { mode: "netascii" });
    expect(lines.content.toString()).toBe("a\r\nb\r\n");
  });
});

describe("a handler", () => {
  test("a handler gets the name, the client, the mode and the options", async () => {
    const requests: FileRequest[] = [];
    await serve("boards/*", (request) => {
      requests.push(request);
      return "made";
    });
    const client = await server.client();
    const { port } = client;
    await client.ask("/boards//one", { mode: "NetASCII", options: [["BlkSize", "1024"]] });
    expect(requests).toEqual([
      {
        file: "boards/one",
        client: { address: "127.0.0.1", port },
        local: server.wellKnown,
        mode: "netascii",
        options: { blksize: "1024" },
      },
    ]);
  });

  test.each<[string, () => unknown, string]>([
    ["text", () => "made", "made"],
    ["bytes", () => Buffer.from("made"), "made"],
    ["a view into shared memory", () => new Uint8Array(new SharedArrayBuffer(2)).fill(65), "AA"],
    ["a promise", async () => "made", "made"],
    ["a path", () => ({ path: "disk.txt" }), "disk"],
    ["an empty text", () => "", ""],
    ["null", () => null, "error 1"],
    ["undefined", () => undefined, "disk"],
    ["something else", () => 5, "error 0"],
  ])("a handler may return %s", async (_, result, expected) => {
    await serve(/default/, result as () => string);
    expect(await fetch("boards/default")).toBe(expected);
  });

  test("a handler keeps its bytes: what it returns is not taken away from it", async () => {
    const bytes = Buffer.alloc(100, "x");
    await serve("kept", () => bytes);
    expect(await fetch("kept")).toBe("x".repeat(100));
    expect(bytes.length).toBe(100);
  });

  test.each([
    ["throws", () => Promise.reject(new TypeError("no such board")), "no such board"],
    ["does not answer in time", () => new Promise<string>(() => {}), "the handler did not answer within 300 ms"],
  ])("a handler that %s costs the client its request: ERROR 0, and an event", async (_, handler, message) => {
    await serve("made", handler);
    expect(await fetch("made")).toBe("error 0");
    await expect
      .poll(() => server.refused.filter(({ reason, file }) => reason === "handler-error" && file === "made").slice(-1))
      .toMatchObject([{ reason: "handler-error", file: "made", errorCode: 0, cause: { message } }]);
  });

  test("a handler is not called again for the same client and name: the client gets the same bytes", async () => {
    let count = 0;
    await serve("counted/*", () => `number ${(count += 1)}`);
    expect(await fetch("counted/a")).toBe("number 1");
    expect(await fetch("counted/a")).toBe("number 1");
    expect(await fetch("counted/b")).toBe("number 2");
  });

  // Elsewhere 127.0.0.1 is the only one of its kind.
  test.runIf(process.platform === "linux")("a handler is called again for a client with another address", async () => {
    await serve("who", ({ client }) => client.address);
    expect(await fetch("who")).toBe("127.0.0.1");
    expect(await fetch("who", { address: "127.0.0.2" })).toBe("127.0.0.2");
  });

  test("a handler is called with slashes, too, if a name has backslashes", async () => {
    await serve("boot/*", ({ file }) => `for ${file}`);
    expect(await fetch("\\boot\\bcd")).toBe("for boot/bcd");
  });
});

test("the first rule that matches wins, whatever its kind, and the disk comes last", async () => {
  await serve("boards/1*", (request) => (request.file === "boards/12" ? undefined : "first, by a handler"));
  await serve("boards/12", "second, always the same");
  await serve(/^boards\//, (request) => (request.file === "boards/default" ? undefined : "third, by a handler"));
  await serve("boards/11", "fourth, never reached");
  expect(await fetch("boards/11")).toBe("first, by a handler");
  expect(await fetch("boards/12")).toBe("second, always the same");
  expect(await fetch("boards/2")).toBe("third, by a handler");
  expect(await fetch("boards/default")).toBe("disk");
});

test("a rule can be removed while the server runs; a transfer of it goes on", async () => {
  const bytes = noise(20_000);
  const file = server.tftp.addFile("disk.txt", bytes);
  await file.ready;
  const { content } = await download(await server.client(), "disk.txt", {
    onBlock: async (block) => {
      if (block !== 3) return;
      await file.remove();
      await file.remove();
      expect(await fetch("disk.txt")).toBe("disk");
    },
  });
  expect(content.equals(bytes)).toBe(true);
});

test("disposing of a rule removes it", async () => {
  const file = server.tftp.addFile("disk.txt", "virtual");
  await file.ready;
  expect(await fetch("disk.txt")).toBe("virtual");
  await file[Symbol.asyncDispose]();
  expect(await fetch("disk.txt")).toBe("disk");
});

test("a name that matches no rule costs main nothing: `..` and the like are refused before", async () => {
  const asked: string[] = [];
  await serve("**", ({ file }) => void asked.push(file));
  expect(await fetch("../secret")).toBe("error 2");
  expect(await fetch(".tftp-driver-tmp-0")).toBe("error 1");
  expect(asked).toEqual([]);
});

test("a name that is meant to make matching slow delays no other request, whatever the rule", async () => {
  await serve("pxelinux.cfg/01-*-*-*-*-*-*", "by mac");
  await serve(/^(a+)+$/, "by RegExp");
  const before = performance.now();
  expect(await fetch(`pxelinux.cfg/01-${"-".repeat(222)}/x`)).toBe("error 1");
  expect(await fetch(`${"a".repeat(300)}!`)).toBe("error 1");
  expect(await fetch("pxelinux.cfg/01-88-99-aa-bb-cc-dd")).toBe("by mac");
  expect(performance.now() - before).toBeLessThan(10_000);
});

test.each(["!a", "+(a)", "a".repeat(5_000)])(
  "addFile() with the pattern %j is INVALID_OPTION, and the message names RegExp",
  (pattern) => {
    expect(() => server.tftp.addFile(pattern, "x")).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringContaining("RegExp") as string,
      }) as Error,
    );
  },
);

test.each([
  ["", "x"],
  [5, "x"],
  ["a", 5],
  ["a", null],
  ["a", { path: "" }],
])("addFile(%j, %j) is INVALID_OPTION", (pattern, content) => {
  expect(() => server.tftp.addFile(pattern as string, content as string)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }) as Error,
  );
});

test("rules given before the start are served, and after a stop and another start, too", async () => {
  const early = new TestServer({}, {});
  onTestFinished(() => early.close());
  early.tftp.addFile("fixed", "fixed");
  const gone = early.tftp.addFile("gone", "gone");
  early.tftp.addFile("made", () => "made");
  const starting = early.start();
  early.tftp.addFile("late", "late");
  void gone.remove();
  await starting;
  for (let round = 0; round < 2; round += 1) {
    for (const file of ["fixed", "made", "late"]) {
      const answer = await (await early.client()).ask(file);
      expect(answer).toMatchObject({ kind: "data", payload: Buffer.from(file) });
    }
    expect(await (await early.client()).ask("gone")).toMatchObject({ kind: "error", code: 1 });
    await early.tftp.stop();
    await early.start();
  }
});

test("while this thread is blocked, everything is served but what a handler makes: that is ERROR 0 in time", async () => {
  mkdirSync(join(server.root, "real"), { recursive: true });
  server.write({ "real/file": "from disk" });
  await serve("fixed", "from memory");
  const made: string[] = [];
  await serve("made", ({ file }) => {
    made.push(file);
    return "from a handler";
  });
  expect(await fetch("fixed")).toBe("from memory");
  const names = ["real/file", "fixed", "made", "fixed", "real/file"];
  const shared = new SharedArrayBuffer(4);
  const boards = new Worker(new URL("../helpers/board.mjs", import.meta.url), {
    workerData: { names, port: server.wellKnown.port, shared },
    execArgv: [],
  });
  const answers = once(boards, "message");
  const answered = new Int32Array(shared);
  const until = performance.now() + 20_000;
  // Blocked for real: no event, no timer, no promise gets its turn.
  while (Atomics.load(answered, 0) < names.length && performance.now() < until);
  expect(Atomics.load(answered, 0)).toBe(names.length);
  expect((await answers)[0]).toEqual(["from disk", "from memory", "error 0", "from memory", "from disk"]);
  // Now that it may, the handler answers; the client that asks again gets it. What nobody waits for is not made any
  // more.
  expect(await fetch("made")).toBe("from a handler");
  expect(made).toEqual(["made"]);
});
