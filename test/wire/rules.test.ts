import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import type { TftpEventOf } from "../../src/contract/events/events.ts";
import type { Rule } from "../../src/index.ts";
import { download } from "../helpers/raw-download.ts";
import { data, request, type RequestShape } from "../helpers/raw-packets.ts";
import { type FileTree, sharedServer, startServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport, usualTransport } from "../helpers/raw-transports.ts";

const files: FileTree = {
  zImage: "common",
  "boards/127.0.0.1/zImage": "own",
  "boards/127.0.0.1/initrd": "own initrd",
  "common/zImage": "common zImage",
  "common/dtb": "common dtb",
  "EFI/Boot/BootX64.efi": "efi",
  "dup/a": "a",
  "dup/A": "A",
  "pxelinux.0": "pxelinux",
};

async function read(server: TestServer, name: string | Buffer, shape: RequestShape = {}): Promise<string> {
  const reply = await (await server.client()).ask(name, shape);
  return reply.kind === "data" ? reply.payload.toString() : reply.kind === "error" ? `ERROR ${reply.code}` : "OACK";
}

describeOnEachTransport("rules", (transport) => {
  const shared = sharedServer({ transport }, files);
  const serve = (...rules: Rule[]): Promise<TestServer> => startServer({ transport, rules }, files);
  /** For tests that look at replies alone: from then on these rules hold, and no other. */
  const change = async (...rules: Rule[]): Promise<TestServer> => {
    await shared.tftp.reconfigure({ rules });
    return shared;
  };

  test("a name is made of the client's address and of captures; the events have both names", async () => {
    const server = await serve({ match: "{kernel,os}/*", to: "boards/{client}/{2}" });
    const events: TftpEventOf<"request">[] = [];
    server.tftp.on("request", (event) => void events.push(event));
    const client = await server.client();
    const waiting = server.tftp.waitForTransfer({ file: "kernel/zImage" });
    expect((await download(client, "/kernel/zImage")).content.toString()).toBe("own");
    expect(await waiting).toMatchObject({ file: "kernel/zImage", outcome: "complete" });
    expect(events).toMatchObject([{ file: "kernel/zImage", served: "boards/127.0.0.1/zImage", rule: 0 }]);
    expect(await read(server, "zImage")).toBe("common");
    expect(Object.keys(events[1] ?? {})).not.toContain("rule");
  });

  test("the first rule that matches wins, and one without effect lets a name pass", async () => {
    const server = await change({ match: "zImage" }, { match: "*", to: "common/dtb" }, { match: "*", deny: "never" });
    expect(await read(server, "zImage")).toBe("common");
    expect(await read(server, "anything")).toBe("common dtb");
  });

  test("of several names the first that exists is served", async () => {
    const server = await change({ to: ["boards/{client}/{name}", "common/{name}", "{name}"] });
    expect(await read(server, "zImage")).toBe("own");
    expect(await read(server, "dtb")).toBe("common dtb");
    expect(await read(server, "pxelinux.0")).toBe("pxelinux");
    expect(await read(server, "nothing")).toBe("ERROR 1");
  });

  test("a board's own directory comes before the common one", async () => {
    const server = await change({ root: ["boards/{client}", "common"] });
    expect(await read(server, "initrd")).toBe("own initrd");
    expect(await read(server, "dtb")).toBe("common dtb");
    expect(await read(server, "pxelinux.0")).toBe("ERROR 1");
  });

  test("a rule holds for its clients and its mode only", async () => {
    const server = await change(
      { match: "zImage", client: ["10.0.0.0/8", "fd00::/8"], deny: "not here" },
      { match: "zImage", mode: "netascii", to: "common/dtb" },
    );
    expect(await read(server, "zImage")).toBe("common");
    expect(await read(server, "zImage", { mode: "netascii" })).toBe("common dtb");
  });

  test("a rule holds for what clients ask for: all of its options, by name or with their value", async () => {
    const server = await change(
      { options: ["MsftWindow", "blksize=1456"], to: "common/{name}" },
      { options: "rollover=", deny: "no" },
    );
    const options = [
      ["BLKSIZE", "1456"],
      ["msftwindow", "31416"],
    ] as const;
    const sizeOf = async (...asked: readonly (readonly [string, string])[]): Promise<unknown> => {
      const reply = await (await server.client()).ask("zImage", { options: [["tsize", "0"], ...asked] });
      return reply.kind === "oack" ? reply.options["tsize"] : reply.kind;
    };
    expect(await sizeOf(...options)).toBe("13");
    expect(await sizeOf(options[1])).toBe("6");
    expect(await sizeOf(options[0])).toBe("6");
    expect(await sizeOf(["blksize", "1457"], options[1])).toBe("6");
    expect(await sizeOf(["rollover", "1"])).toBe("6");
    expect(await sizeOf(["rollover", ""])).toBe("error");
  });

  test("deny refuses with ERROR 2 and its text, and has a reason of its own", async () => {
    const server = await serve({ match: "secret/**", deny: "Ask the lab" });
    const client = await server.client();
    expect(await client.ask("secret/a")).toEqual({ kind: "error", code: 2, text: "Ask the lab", terminated: true });
    // Also by the other reading of backslashes.
    expect(await read(server, "secret\\a")).toBe("ERROR 2");
    expect((await server.counters()).refused["denied-by-rule"]).toBe(2);
    await expect.poll(() => server.refused).toMatchObject([{ reason: "denied-by-rule", errorCode: 2 }, {}]);
  });

  test("the case of letters is passed over where a rule says so, and an exact name wins", async () => {
    const server = await change({ match: "{efi,dup}/**", caseInsensitive: true });
    expect(await read(server, "\\efi\\boot\\BOOTX64.EFI")).toBe("efi");
    expect(await read(server, "DUP/a")).toBe("a");
    expect(await read(server, "dup/A")).toBe("A");
    expect(await read(server, "ZIMAGE")).toBe("ERROR 1");
  });

  test("junk behind a name is cut off", async () => {
    const server = await change({ cutAt: [String.raw`\xff`, "?"] });
    expect(await read(server, Buffer.from("pxelinux.0\xff", "latin1"))).toBe("pxelinux");
    expect(await read(server, "zImage?serial=7")).toBe("common");
    expect(await read(server, "?")).toBe("ERROR 1");
  });

  test("a virtual file goes by the name that was asked for first, then by the one that a rule made", async () => {
    const server = await serve({ match: "*.cfg", to: "made/{1}" });
    server.tftp.addFile("asked.cfg", "by the asked name");
    await server.tftp.addFile("made/*", ({ file }) => `handler of ${file}`).ready;
    expect(await read(server, "asked.cfg")).toBe("by the asked name");
    expect(await read(server, "other.cfg")).toBe("handler of made/other");
  });

  test("rules change while the server runs, and a rule that is wrong changes nothing", async () => {
    const server = await serve();
    await server.tftp.reconfigure({ rules: { match: "zImage", to: "common/zImage" } });
    expect(await read(server, "zImage")).toBe("common zImage");
    const wrong = server.tftp.reconfigure({ rules: [{ match: "zImage", to: "common/{1}" }] });
    await expect(wrong).rejects.toMatchObject({ code: "INVALID_OPTION" });
    expect(await read(server, "zImage")).toBe("common zImage");
    await server.tftp.stop();
    await server.start();
    expect(await read(server, "zImage")).toBe("common zImage");
  });

  test("a map file of tftpd-hpa gets the name as it was sent, and may make absolute paths", async () => {
    const server = await serve({
      tftpdHpaMap: {
        text: String.raw`
rg  \\          /
r   ^[^/]       /tftpboot/\0
a   \.pvt$      Private
r   ^/tftpboot/ /common/`,
      },
    });
    // A busy machine may take longer than the 100 ms that a map has: then the board asks again.
    await expect.poll(() => read(server, "dtb")).toBe("common dtb");
    await expect.poll(() => read(server, "/tftpboot\\dtb")).toBe("common dtb");
    await expect.poll(async () => (await server.client()).ask("x.pvt")).toMatchObject({ code: 2, text: "Private" });
    await server.tftp.reconfigure({ rules: { tftpdHpaMap: { text: String.raw`r ^ ${server.root}/common/` } } });
    await expect.poll(() => read(server, "zImage")).toBe("common zImage");
  });
});

test("a map that does not come to an end is interrupted, and what else is served goes on meanwhile", async () => {
  const map = String.raw`
a ^/evil/(a+)+$  Never
r ^/(.*)$        \1`;
  const server = await startServer(
    { transport: usualTransport(), rules: { match: "evil/**", tftpdHpaMap: { text: map } } },
    files,
  );
  const evil = await server.client();
  const others = await Promise.all(Array.from({ length: 4 }, () => server.client()));
  await Promise.all([evil, ...others].map((client) => client.send(request(`/evil/${"a".repeat(60)}!`))));
  expect(await read(server, "zImage")).toBe("common");
  expect(await evil.receivePacket()).toMatchObject({ kind: "error", code: 0 });
  await expect
    .poll(() => server.refused)
    .toContainEqual(
      expect.objectContaining({
        reason: "read-error",
        cause: expect.objectContaining({ message: "the map file took more than 100 ms" }) as unknown,
      }),
    );
  expect(server.tftp.state).toBe("running");
});

test("a name that a rule makes longer than any path is the name of nothing", async () => {
  const rules = { match: "**", to: ["{1}".repeat(300), "zImage"] };
  const server = await startServer({ transport: usualTransport(), rules }, files);
  expect(await read(server, "a/".repeat(500))).toBe("common");
});

test("a denial in any language is an ERROR of at most 205 bytes", async () => {
  const deny = "\u6f22".repeat(66);
  const server = await startServer({ transport: usualTransport(), rules: { deny } }, files);
  const { bytes } = await (await server.client()).request("a");
  expect(bytes).toHaveLength(4 + 198 + 1);
  expect(bytes.subarray(4, -1).toString()).toBe(deny);
});

test("a map gets no name of more than 255 bytes, and its text is cut to 200 bytes and printable", async () => {
  const map = String.raw`a ^(.*)$ No\ \1\1\1`;
  const server = await startServer({ transport: usualTransport(), rules: { tftpdHpaMap: { text: map } } }, files);
  const client = await server.client();
  expect(await client.ask(`${"a/".repeat(127)}bc`)).toMatchObject({ code: 1 });
  const reply = await client.ask(Buffer.from(`${"a/".repeat(125)}\n\u202e`));
  expect(reply).toMatchObject({ kind: "error", code: 2 });
  expect(reply.kind === "error" && reply.text).toHaveLength(200);
  const foreign = await (await server.client()).ask(Buffer.from("\u6f22".repeat(80)));
  expect(foreign).toMatchObject({ kind: "error", text: `No ${"\u6f22".repeat(65)}` });
  expect(await (await server.client()).ask(Buffer.from("a\n\u202e"))).toMatchObject({ text: "No a??a??a??" });
});

test.each<[what: string, rule: Rule, name: string | Buffer]>([
  ["a name that begins with ..", { match: "*", to: "../{1}" }, "outside"],
  ["dots that two captures make", { match: "*-*", to: "{1}{2}/outside" }, ".-."],
  ["a capture of dots", { match: "*x", to: "{1}/outside" }, "..x"],
  ["dots that cutting leaves", { cutAt: "!", to: "{name}/outside" }, "..!"],
  ["a map's dots", { tftpdHpaMap: { text: "r ^ ../" } }, "outside"],
  ["a map's absolute path", { tftpdHpaMap: { text: "r ^ /etc/" } }, "passwd"],
  ["an absolute name", { to: "/etc/passwd" }, "x"],
  ["a symbolic link that leads out", { match: "*", to: "link/{1}" }, "outside"],
  ["a link in a directory of the rule", { root: "sub" }, "link/outside"],
  ["a link that only the case finds", { caseInsensitive: true }, "LINK/OUTSIDE"],
  ["backslashes", { match: "*", to: String.raw`..\{1}` }, "outside"],
])("nothing outside the root is served by way of %s", async (_, rule, name) => {
  const server = await startServer({ transport: usualTransport(), rules: rule }, files);
  writeFileSync(join(dirname(server.root), "outside"), "outside");
  mkdirSync(join(server.root, "sub"));
  symlinkSync(dirname(server.root), join(server.root, "link"));
  symlinkSync(dirname(server.root), join(server.root, "sub/link"));
  expect(await (await server.client()).ask(name)).toMatchObject({ kind: "error" });
});

test("a rewritten name that is not UTF-8 keeps its bytes", async () => {
  const server = await startServer({ transport: usualTransport(), rules: { match: "*", to: "sub/{1}" } }, files);
  mkdirSync(join(server.root, "sub"));
  const name = Buffer.from([0x66, 0xff, 0x67]);
  writeFileSync(Buffer.concat([Buffer.from(`${server.root}/sub/`), name]), "raw bytes");
  const client = await server.client();
  await client.send(request(name));
  expect((await client.receive()).bytes).toEqual(data(1, "raw bytes"));
});
