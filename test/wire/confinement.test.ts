import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { data, opcode } from "../helpers/raw-packets.ts";
import { sharedServer, type TestServer } from "../helpers/raw-server.ts";
import { describeOnEachTransport } from "../helpers/raw-transports.ts";

describeOnEachTransport("confinement", (transport) => {
  const server = sharedServer({ transport }, { "inside.txt": "inside", "sub/deep.txt": "deep" });
  beforeAll(() => lay(server));

  test.each([
    "..",
    "../",
    "../secret.txt",
    "/../secret.txt",
    "//../secret.txt",
    "./../secret.txt",
    "sub/../../secret.txt",
    "sub/../inside.txt",
    "inside.txt/../inside.txt",
    "missing/../inside.txt",
    "sub/..",
    "..\\secret.txt",
    "\\..\\secret.txt",
    "sub\\..\\..\\secret.txt",
    "sub/..\\../secret.txt",
    "sub\\../../secret.txt",
    "../root/inside.txt",
    "../root-sibling/secret.txt",
    "../../../../../../../../etc/passwd",
    "link-to-sub/../../secret.txt",
    "link-to-sub/../inside.txt",
  ])("the name %j, outside the root, draws ERROR 2", async (name) => {
    const client = await server.client();
    expect(await client.ask(name)).toMatchObject({ kind: "error", code: 2, terminated: true });
  });

  test.each(["/etc/passwd", "/etc/hostname", "C:\\secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt"])(
    "%j means a file below the root, and is missing: ERROR 1",
    async (name) => {
      const client = await server.client();
      expect(await client.ask(name)).toMatchObject({ kind: "error", code: 1 });
    },
  );

  test("a write request outside the root draws ERROR 2", async () => {
    const client = await server.client();
    expect(await client.ask("../secret.txt", { opcode: opcode.wrq })).toMatchObject({ kind: "error", code: 2 });
  });

  test("requests for names outside the root are counted", async () => {
    const before = (await server.counters()).refused["outside-root"];
    const client = await server.client();
    await client.ask("../secret.txt");
    expect((await server.counters()).refused["outside-root"]).toBe(before + 1);
  });
});

describeOnEachTransport("symbolic links", (transport) => {
  describe('under "inside", the default', () => {
    const server = sharedServer({ transport }, { "inside.txt": "inside", "sub/deep.txt": "deep" });
    beforeAll(() => lay(server));

    test.each([
      ["link-to-inside", "inside"],
      ["absolute-link-to-inside", "inside"],
      ["link-to-sub/deep.txt", "deep"],
      ["sub/link-up", "inside"],
      ["link-to-link", "inside"],
      ["sub/out-and-in", "inside"],
    ])(`under "inside" the link %s, which stays inside, is served`, async (name, content) => {
      const client = await server.client();
      expect((await client.request(name)).bytes).toEqual(data(1, content));
    });

    test.each([
      "link-to-secret",
      "relative-link-to-secret",
      "link-to-outside-directory/secret.txt",
      "link-to-sibling/secret.txt",
      "link-to-outside-link",
      "link-to-etc-passwd",
    ])(`under "inside" the link %s, which leads outside, draws ERROR 2`, async (name) => {
      const client = await server.client();
      expect(await client.ask(name)).toMatchObject({ kind: "error", code: 2, terminated: true });
    });

    test("a link that leads nowhere is missing: ERROR 1", async () => {
      const client = await server.client();
      expect(await client.ask("dangling")).toMatchObject({ kind: "error", code: 1 });
    });

    test("a link to itself draws an ERROR", async () => {
      const client = await server.client();
      expect(await client.ask("circle")).toMatchObject({ kind: "error" });
    });
  });

  describe('under "follow"', () => {
    const server = sharedServer({ transport, symlinks: "follow" }, { "inside.txt": "inside", "sub/deep.txt": "deep" });
    beforeAll(() => lay(server));

    test.each([
      ["link-to-inside", "inside"],
      ["link-to-secret", "secret"],
      ["link-to-outside-directory/secret.txt", "secret"],
      ["link-to-sibling/secret.txt", "secret"],
    ])(`under "follow" the link %s is served`, async (name, content) => {
      const client = await server.client();
      expect((await client.request(name)).bytes).toEqual(data(1, content));
    });

    test.each(["../secret.txt", "link-to-sub/../../secret.txt"])(
      `under "follow" %j still draws ERROR 2`,
      async (name) => {
        const client = await server.client();
        expect(await client.ask(name)).toMatchObject({ kind: "error", code: 2 });
      },
    );
  });

  describe('under "deny"', () => {
    const server = sharedServer({ transport, symlinks: "deny" }, { "inside.txt": "inside", "sub/deep.txt": "deep" });
    beforeAll(() => lay(server));

    test.each(["link-to-inside", "link-to-secret", "link-to-sub/deep.txt", "link-to-outside-directory/secret.txt"])(
      `under "deny" the link %s draws ERROR 2`,
      async (name) => {
        const client = await server.client();
        expect(await client.ask(name)).toMatchObject({ kind: "error", code: 2 });
      },
    );

    test(`under "deny" a file that no link leads to is served`, async () => {
      const client = await server.client();
      expect((await client.request("sub/deep.txt")).bytes).toEqual(data(1, "deep"));
    });
  });
});

/** Files beside the root, one in a directory that shares the root's prefix, and links of all kinds below the root. */
function lay({ root }: TestServer): void {
  const outside = dirname(root);
  const sibling = `${root}-sibling`;
  writeFileSync(join(outside, "secret.txt"), "secret");
  mkdirSync(sibling);
  writeFileSync(join(sibling, "secret.txt"), "secret");
  symlinkSync(join(outside, "secret.txt"), join(outside, "outside-link"));
  const link = (target: string, name: string): void => symlinkSync(target, join(root, name));
  link("inside.txt", "link-to-inside");
  link(join(root, "inside.txt"), "absolute-link-to-inside");
  link("sub", "link-to-sub");
  link("../inside.txt", "sub/link-up");
  link("link-to-inside", "link-to-link");
  link("../../root/inside.txt", "sub/out-and-in");
  link(join(outside, "secret.txt"), "link-to-secret");
  link("../secret.txt", "relative-link-to-secret");
  link(outside, "link-to-outside-directory");
  link(sibling, "link-to-sibling");
  link("../outside-link", "link-to-outside-link");
  link("/etc/passwd", "link-to-etc-passwd");
  link("nowhere", "dangling");
  link("circle", "circle");
}
