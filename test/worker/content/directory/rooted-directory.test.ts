import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { SymlinkPolicy } from "../../../../src/contract/options/server-config.ts";
import { type Locate, locateByKernel, locateByName } from "../../../../src/worker/content/directory/location.ts";
import type { ContentFile } from "../../../../src/worker/content/content.ts";
import { openNamed } from "../../../../src/worker/content/open-named.ts";
import { RootedDirectory } from "../../../../src/worker/content/directory/rooted-directory.ts";
import { contentOf, named, requestContext, temporaryDirectory, verdict } from "../fixtures.ts";
import { handlesAreKnown, openHandles } from "../../../helpers/open-handles.ts";

const linux = process.platform === "linux";
const locators: [string, Locate][] = [["by name", locateByName]];
if (handlesAreKnown) locators.unshift(["by the kernel", locateByKernel]);

let above: string;
let root: string;

beforeEach(() => {
  above = temporaryDirectory();
  root = join(above, "root");
  mkdirSync(join(root, "boards/one"), { recursive: true });
  mkdirSync(join(above, "root-sibling"));
  writeFileSync(join(root, "zImage"), "kernel");
  writeFileSync(join(root, "boards/one/dtb"), "tree");
  writeFileSync(join(above, "secret"), "secret");
  writeFileSync(join(above, "root-sibling/secret"), "secret");
});

/** As a request does. */
async function open(directory: RootedDirectory, name: string | Uint8Array): Promise<ContentFile> {
  return (await openNamed(directory, named(name), requestContext)).file;
}

async function read(name: string | Uint8Array, symlinks: SymlinkPolicy = "inside", locate?: Locate): Promise<string> {
  const directory = await RootedDirectory.open(root, symlinks, locate);
  return (await contentOf(await open(directory, name))).toString();
}

async function ask(name: string | Uint8Array, symlinks: SymlinkPolicy = "inside", locate?: Locate): Promise<string> {
  const directory = await RootedDirectory.open(root, symlinks, locate);
  const before = openHandles();
  const result = await verdict(open(directory, name));
  // Whatever the verdict, no descriptor is left. A stray close of an earlier test may make it fewer.
  await expect.poll(openHandles).toBeLessThanOrEqual(before);
  return result;
}

describe.each(locators)("located %s", (_, locate) => {
  test("a file and a file in a directory are served", async () => {
    expect(await read("zImage", "inside", locate)).toBe("kernel");
    expect(await read("/boards//one/./dtb", "inside", locate)).toBe("tree");
  });

  type Case = [what: string, target: string, name: string, inside: string, follow: string, deny: string];
  const cases: Case[] = [
    ["relative, inside", "zImage", "link", "served", "served", "forbidden"],
    ["absolute, inside", "ROOT/zImage", "link", "served", "served", "forbidden"],
    ["absolute, outside", "ROOT/../secret", "link", "outside-root", "served", "forbidden"],
    ["relative, outside", "../secret", "link", "outside-root", "served", "forbidden"],
    ["to a sibling with the root's prefix", "../root-sibling/secret", "link", "outside-root", "served", "forbidden"],
    ["out and in again", "../root/zImage", "link", "served", "served", "forbidden"],
    ["to a directory inside", "boards/one", "link/dtb", "served", "served", "forbidden"],
    ["to a directory outside", "..", "link/secret", "outside-root", "served", "forbidden"],
    ["to a directory outside, and in again", "..", "link/root/zImage", "served", "served", "forbidden"],
    ["to nothing", "gone", "link", "not-found", "not-found", "forbidden"],
    ["to itself", "link", "link", "forbidden", "forbidden", "forbidden"],
    ["to the root", ".", "link", "not-a-file", "not-a-file", "forbidden"],
    ["to a directory outside, asked for itself", "..", "link", "outside-root", "not-a-file", "forbidden"],
  ];
  describe.each(cases)("a symlink %s", (_what, target, name, inside, follow, deny) => {
    test.each<[SymlinkPolicy, string]>([
      ["inside", inside],
      ["follow", follow],
      ["deny", deny],
    ])("under %j: %s", async (symlinks, expected) => {
      symlinkSync(target.replace("ROOT", root), join(root, "link"));
      expect(await ask(name, symlinks, locate)).toBe(expected);
    });
  });

  test("a chain of symlinks counts by where it ends", async () => {
    symlinkSync("b", join(root, "a"));
    symlinkSync("boards/c", join(root, "b"));
    symlinkSync(join(root, "zImage"), join(root, "boards/c"));
    expect(await ask("a", "inside", locate)).toBe("served");
    unlinkSync(join(root, "boards/c"));
    symlinkSync("../../secret", join(root, "boards/c"));
    expect(await ask("a", "inside", locate)).toBe("outside-root");
  });

  test('symlinks "deny" serves files without a symlink in the way', async () => {
    expect(await ask("boards/one/dtb", "deny", locate)).toBe("served");
    writeFileSync(join(root, "old (deleted)"), "odd");
    expect(await ask("old (deleted)", "deny", locate)).toBe("served");
  });

  test("a root that is a symlink may be pointed elsewhere while it is served", async () => {
    const link = join(above, "current");
    symlinkSync(root, link);
    for (const symlinks of ["inside", "deny"] as const) {
      const directory = await RootedDirectory.open(link, symlinks, locate);
      expect(await verdict(directory.open(named("zImage")))).toBe("served");
      unlinkSync(link);
      symlinkSync("root-sibling", link);
      expect(await verdict(directory.open(named("zImage")))).toBe("not-found");
      expect((await contentOf(await directory.open(named("secret")))).toString()).toBe("secret");
      unlinkSync(link);
      symlinkSync(root, link);
      expect(await verdict(directory.open(named("zImage")))).toBe("served");
    }
  });

  test("the file system's own root can be served", async () => {
    const directory = await RootedDirectory.open("/", "inside", locate);
    expect(await verdict(directory.open(named(join(root, "zImage"))))).toBe("served");
  });
});

const replaceFirst: Locate = (opened) => {
  writeFileSync(join(root, "new"), "newer");
  renameSync(join(root, "new"), join(root, "zImage"));
  return locateByKernel(opened);
};

test.skipIf(!handlesAreKnown)(
  "a file that is replaced between its opening and its check is served as it was opened",
  async () => {
    expect(await read("zImage", "inside", replaceFirst)).toBe("kernel");
    expect(await read("zImage", "deny", replaceFirst)).toBe("newer");
  },
);

test("without /proc a file that was replaced meanwhile is opened anew, and given up if that goes on", async () => {
  let times = 1;
  const replace: Locate = (opened) => {
    if (times > 0) {
      writeFileSync(join(root, "new"), `newer ${times}`);
      renameSync(join(root, "new"), join(root, "zImage"));
    }
    times -= 1;
    return locateByName(opened);
  };
  expect(await read("zImage", "inside", replace)).toBe("newer 1");
  times = 1_000;
  expect(await ask("zImage", "inside", replace)).toBe("read-error");
});

test.skipIf(!handlesAreKnown)("a symlink that is pointed elsewhere after the opening changes no verdict", async () => {
  const swap = (target: string): Locate => {
    return async (opened) => {
      unlinkSync(join(root, "link"));
      symlinkSync(target, join(root, "link"));
      return locateByKernel(opened);
    };
  };
  symlinkSync("zImage", join(root, "link"));
  expect(await ask("link", "inside", swap("../secret"))).toBe("served");
  expect(await ask("link", "inside", swap("zImage"))).toBe("outside-root");
});

test("a missing file, directory, file under a file, or a name too long is not found", async () => {
  expect(await ask("gone")).toBe("not-found");
  expect(await ask("gone/gone")).toBe("not-found");
  expect(await ask("zImage/gone")).toBe("not-found");
  expect(await ask("x".repeat(300))).toBe("not-found");
  const directory = await RootedDirectory.open(root, "inside");
  await expect(directory.open(named("x".repeat(300)))).rejects.toMatchObject({ cause: { code: "ENAMETOOLONG" } });
  await expect(directory.open(named("gone"))).rejects.not.toHaveProperty("cause");
});

test("a directory is not a file", async () => expect(await ask("boards")).toBe("not-a-file"));

test.skipIf(process.platform === "win32")("a FIFO answers at once that it is not a file", async () => {
  execFileSync("mkfifo", [join(root, "fifo")]);
  expect(await ask("fifo")).toBe("not-a-file");
});

test.skipIf(process.platform === "win32")("a Unix socket is not a file", async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(join(root, "socket"), resolve));
  expect(await ask("socket")).toBe("not-a-file");
});

test.skipIf(process.platform === "win32")("a device is not a file", async () => {
  symlinkSync("/dev/null", join(root, "null"));
  expect(await ask("null", "follow")).toBe("not-a-file");
});

test("spaces, colons and UTF-8 are as good as any other byte in a name", async () => {
  for (const name of [" a b ", "c:d", "Küche-映像"]) {
    writeFileSync(join(root, name), name);
    expect(await read(name)).toBe(name);
  }
});

test.skipIf(!linux)("a name need not be UTF-8", async () => {
  const name = Buffer.from([0x7a, 0xff, 0xe9]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), name]), "latin");
  expect(await read(name)).toBe("latin");
  expect(await read(name, "deny")).toBe("latin");
});

test.skipIf(process.platform === "win32")("a literal backslash comes before one that is read as a slash", async () => {
  expect(await read("boards\\one\\dtb")).toBe("tree");
  writeFileSync(join(root, "boards\\one\\dtb"), "literal");
  expect(await read("boards\\one\\dtb")).toBe("literal");
  expect(await ask("boards\\gone")).toBe("not-found");
});

test.skipIf(process.platform === "win32")(
  "a name that is refused for another reason is not tried with slashes",
  async () => {
    symlinkSync("../secret", join(root, "boards\\one"));
    writeFileSync(join(root, "boards/two"), "");
    expect(await ask("boards\\one")).toBe("outside-root");
  },
);

test("a root that is missing, or is not a directory, cannot be opened", async () => {
  await expect(RootedDirectory.open(join(root, "gone"), "inside")).rejects.toMatchObject({ code: "ENOENT" });
  await expect(RootedDirectory.open(join(root, "zImage"), "inside")).rejects.toMatchObject({ code: "ENOTDIR" });
});
