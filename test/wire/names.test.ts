import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { download } from "../helpers/raw-download.ts";
import { data } from "../helpers/raw-packets.ts";
import { sharedServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("names", (transport) => {
  const server = sharedServer(
    { transport },
    {
      "plain.txt": "plain",
      "sub/deep/file.txt": "deep",
      "with space.txt": "space",
      "00:11:22:aa.cfg": "colon",
      "grüße/日本.txt": "utf-8",
      "...": "dots",
      "..hidden": "hidden",
      "trailing..": "trailing",
      "~": "tilde",
      "100%": "percent",
      "-rf": "dash",
      "new\nline": "newline",
    },
  );

  test.each([
    ["plain.txt", "plain"],
    ["/plain.txt", "plain"],
    ["//plain.txt", "plain"],
    ["./plain.txt", "plain"],
    ["/./plain.txt", "plain"],
    [".//.///./plain.txt", "plain"],
    ["sub/deep/file.txt", "deep"],
    ["/sub//deep/./file.txt", "deep"],
    ["with space.txt", "space"],
    ["00:11:22:aa.cfg", "colon"],
    ["grüße/日本.txt", "utf-8"],
    ["...", "dots"],
    ["..hidden", "hidden"],
    ["trailing..", "trailing"],
    ["~", "tilde"],
    ["100%", "percent"],
    ["-rf", "dash"],
    ["new\nline", "newline"],
  ])("the name %j is served", async (name, content) => {
    const client = await server.client();
    expect((await client.request(name)).bytes).toEqual(data(1, content));
  });

  test.each([
    ["sub\\deep\\file.txt", "deep"],
    ["\\sub\\deep/file.txt", "deep"],
    ["\\plain.txt", "plain"],
    [".\\plain.txt", "plain"],
  ])("if %j does not exist, its backslashes are read as slashes", async (name, content) => {
    const client = await server.client();
    expect((await client.request(name)).bytes).toEqual(data(1, content));
  });

  test("the events of a file that was found by reading backslashes as slashes have slashes", async () => {
    const client = await server.client();
    await download(client, "sub\\deep/file.txt");
    expect((await server.endOf(client)).file).toBe("sub/deep/file.txt");
  });

  test.skipIf(process.platform === "win32")("a literal backslash in a name wins", async () => {
    server.write({ "boot\\a.txt": "literal", "boot/a.txt": "directory" });
    const client = await server.client();
    expect((await client.request("boot\\a.txt")).bytes).toEqual(data(1, "literal"));
  });

  // Only Linux file systems take any byte.
  test.skipIf(process.platform !== "linux")("a name with bytes that are not UTF-8 is served", async () => {
    const name = Buffer.from([0x66, 0xff, 0xfe, 0xe9, 0x80]);
    writeFileSync(Buffer.concat([Buffer.from(`${server.root}/`), name]), "raw bytes");
    const client = await server.client();
    expect((await client.request(name)).bytes).toEqual(data(1, "raw bytes"));
    expect(await client.send(Buffer.from([0, 5, 0, 0, 0]))).toBeUndefined();
    expect((await server.endOf(client)).file).toBe(String.raw`f\xff\xfe\xe9\x80`);
  });

  test("an event has the name from the root on, with slashes", async () => {
    const client = await server.client();
    await client.request("/.//sub//deep/./file.txt");
    await client.send(Buffer.from([0, 5, 0, 0, 0]));
    expect((await server.endOf(client)).file).toBe("sub/deep/file.txt");
  });

  test.each(["missing", "sub/missing", "missing/plain.txt", "PLAIN.TXT", "plain.txt ", "plain.txt\\x"])(
    "a request for %j, which is missing, draws ERROR 1",
    async (name) => {
      const client = await server.client();
      expect(await client.ask(name)).toMatchObject({ kind: "error", code: 1, terminated: true });
    },
  );

  test("a name longer than the file system takes draws ERROR 1", async () => {
    const client = await server.client();
    expect(await client.ask("x".repeat(1_000))).toMatchObject({ kind: "error", code: 1 });
  });

  test.each(["plain.txt/", "plain.txt/."])(
    "%j, a file asked for as a directory, draws an ERROR or the file",
    async (name) => {
      const client = await server.client();
      const reply = await client.ask(name);
      expect(reply.kind === "error" ? [1, 2].includes(reply.code) : reply.kind === "data").toBe(true);
    },
  );
});
