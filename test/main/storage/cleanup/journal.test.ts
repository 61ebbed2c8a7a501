import {
  chmodSync,
  chownSync,
  linkSync,
  unlinkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Tftp } from "../../../../src/index.ts";
import { prefixOf } from "../../../../src/main/storage/cleanup/journal-place.ts";
import { ownIdentity } from "../../../../src/main/storage/cleanup/process-identity.ts";
import { NodeProgram, tsxArguments } from "../../../helpers/node-program.ts";
import { Grounds } from "../fixtures.ts";

let grounds: Grounds;

beforeEach(() => {
  grounds = new Grounds();
  mkdirSync(join(grounds.root, "before"));
  writeFileSync(join(grounds.root, "before/file"), "before");
});

/** An agent in a process of its own, in the middle of a write. */
async function startAgent(): Promise<NodeProgram> {
  const agent = new NodeProgram([...tsxArguments("test/main/storage/agent.child.ts"), grounds.root, grounds.journals]);
  agent.process.stderr.on("data", (text: string) => grounds.warnings.push(text));
  await agent.lines(1);
  return agent;
}

/** Puts a journal there, as a driver would have that died, unless told otherwise. */
function leaveJournal(lines: readonly object[], header: object = {}, writer: object = {}): string {
  mkdirSync(grounds.journals, { mode: 0o700, recursive: true });
  const path = join(grounds.journals, `${prefixOf(grounds.root)}1-00.journal`);
  const first = {
    journal: "tftp-driver 1",
    location: grounds.root,
    // A number that no process has: Linux gives out 4194304 at most.
    writer: { ...ownIdentity(), pid: 2 ** 30, ...writer },
    ended: false,
    ...header,
  };
  writeFileSync(path, [first, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""), { mode: 0o600 });
  return path;
}

function madeLine(path: string, type: "file" | "directory" = "file"): object {
  const { dev, ino, birthtimeNs } = statSync(join(grounds.root, path), { bigint: true });
  return { made: path, type, identity: `${dev}:${ino}:${birthtimeNs}` };
}

describe("after a crash of the agent", () => {
  test("the start after a crash removes what the agent made and what it was writing, and nothing else", async () => {
    const child = await startAgent();
    expect(readdirSync(join(grounds.root, "unfinished"))).toHaveLength(1);
    await child.kill();
    const storage = grounds.storage();
    await storage.recover();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
    expect(readFileSync(join(grounds.root, "before/file"), "utf8")).toBe("changed");
    expect(grounds.journalFiles()).toEqual([]);
    expect(grounds.warnings).toEqual([
      expect.stringMatching(/^storage: removed \d+ files and directories that process \d+ had left$/),
    ]);
  });

  test("tftp.start() removes what a crashed agent left", async () => {
    await (await startAgent()).kill();
    const at = { host: "127.0.0.1", port: 0 };
    const tftp = new Tftp({ rootDir: grounds.root, journal: grounds.journals, ...at });
    onTestFinished(() => tftp.close());
    await tftp.start();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
  });

  test("the first operation of storage waits for the removal of what a crashed agent left", async () => {
    await (await startAgent()).kill();
    const storage = grounds.storage();
    expect(await storage.exists("made/again")).toBe(false);
  });

  test("after a crash, what others have replaced since stays, and so does what they have put into directories", async () => {
    await (await startAgent()).kill();
    const { rename, writeFile } = await import("node:fs/promises");
    await writeFile(join(grounds.root, "theirs"), "theirs");
    await rename(join(grounds.root, "theirs"), join(grounds.root, "made/again"));
    await grounds.storage().recover();
    expect(grounds.tree()).toEqual(["before/", "before/file", "made/", "made/again"]);
  });

  test("with journal off, everything stays after a crash", async () => {
    await (await startAgent()).kill();
    const before = grounds.tree();
    await grounds.storage({ journal: false }).recover();
    expect(grounds.tree()).toEqual(before);
  });
});

test("what a live driver has made is left alone, in this process or in another one", async () => {
  const child = await startAgent();
  const neighbour = grounds.storage();
  await neighbour.write("neighbour", "x");
  const before = grounds.tree();
  await grounds.storage().recover();
  expect(grounds.tree()).toEqual(before);
  expect(grounds.warnings).toEqual([]);
  await child.kill();
});

describe("whose journal it is", () => {
  beforeEach(() => writeFileSync(join(grounds.root, "remnant"), "x"));

  test.runIf(process.platform === "linux")(
    "a process that has got the same number since is not taken for the journal's writer",
    async () => {
      leaveJournal([madeLine("remnant")], {}, { pid: process.pid, started: "1" });
      await grounds.storage().recover();
      expect(grounds.tree()).not.toContain("remnant");
    },
  );

  test("the journal's writer of an earlier boot is dead, whatever runs under its number", async () => {
    leaveJournal([madeLine("remnant")], {}, { pid: process.pid, boot: "earlier" });
    await grounds.storage().recover();
    expect(grounds.tree()).not.toContain("remnant");
  });

  test.each([
    ["another machine", { host: "elsewhere" }],
    ["another container", { namespace: "pid:[1]" }],
  ])("whether a writer on %s lives is unknown: its files stay, and that is reported", async (_, writer) => {
    const path = leaveJournal([madeLine("remnant")], {}, writer);
    await grounds.storage().recover();
    expect(grounds.tree()).toContain("remnant");
    expect(grounds.warnings).toEqual([expect.stringContaining(path)]);
  });

  test("a journal about another root is left alone", async () => {
    leaveJournal([madeLine("remnant")], { location: "/somewhere/else" });
    await grounds.storage().recover();
    expect(grounds.tree()).toContain("remnant");
  });

  test.skipIf(process.platform === "win32")("a journal that others could have written is not believed", async () => {
    const path = leaveJournal([madeLine("remnant")]);
    chmodSync(path, 0o666);
    await grounds.storage().recover();
    expect(grounds.tree()).toContain("remnant");
    expect(grounds.warnings).toEqual([expect.stringContaining(path)]);
  });

  test("a journal that is a symbolic link is not believed", async () => {
    const path = leaveJournal([madeLine("remnant")]);
    const { renameSync } = await import("node:fs");
    renameSync(path, join(grounds.above, "journal"));
    symlinkSync(join(grounds.above, "journal"), path);
    await grounds.storage().recover();
    expect(grounds.tree()).toContain("remnant");
  });
});

describe.skipIf(process.platform === "win32")("a journal that others could have put there", () => {
  beforeEach(() => writeFileSync(join(grounds.root, "remnant"), "x"));

  test("a journal under a directory that another user may write to is not believed", async () => {
    leaveJournal([madeLine("remnant")]);
    chmodSync(grounds.above, 0o777);
    await expectUnbelieved(grounds.journals);
  });

  test("a journal in a directory of another user is not believed", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip("only root can give a directory away");
    leaveJournal([madeLine("remnant")]);
    chownSync(grounds.journals, 54_321, 54_321);
    await expectUnbelieved(grounds.journals);
  });

  test("a journal that is a second name of one of our files is not believed", async () => {
    const path = leaveJournal([madeLine("remnant")]);
    linkSync(path, join(grounds.above, "original"));
    await expectUnbelieved(path);
  });

  test("a journal below a sticky directory such as /tmp is believed, for others cannot replace what is ours there", async () => {
    leaveJournal([madeLine("remnant")]);
    chmodSync(grounds.above, 0o1777);
    await grounds.storage().recover();
    expect(grounds.tree()).not.toContain("remnant");
  });
});

function openDirectory(path: string): string {
  mkdirSync(path);
  chmodSync(path, 0o777);
  return path;
}

async function expectUnbelieved(path: string): Promise<void> {
  await grounds.storage().recover();
  await grounds.storage().recover();
  expect(grounds.tree()).toContain("remnant");
  expect(grounds.warnings).toEqual([expect.stringContaining(path)]);
}

test("a journal that cannot be used is reported at one start, and not at every later one", async () => {
  const path = leaveJournal([{ made: "../outside", type: "file", identity: "" }]);
  for (let start = 0; start < 2; start++) {
    // As in a new process.
    vi.resetModules();
    const { Storage } = await import("../../../../src/main/storage/storage.ts");
    const { LocalDirectory } = await import("../../../../src/main/storage/local/local-directory.ts");
    const warn = (message: string): void => void grounds.warnings.push(message);
    const options = { removeCreatedOnClose: true, journal: grounds.journals, warn };
    await new Storage(new LocalDirectory(grounds.root, "inside"), options).recover();
  }
  expect(grounds.warnings).toEqual([expect.stringContaining(path)]);
  unlinkSync(path);
  await grounds.storage().recover();
  expect(grounds.journalFiles()).toEqual([]);
});

describe("what a journal says", () => {
  test.each([
    [{ made: "../outside", type: "file", identity: "" }],
    [{ made: "", type: "directory", identity: "" }],
    [{ temporary: "before/file" }],
    [{ temporary: "../.tftp-driver-tmp-1" }],
  ])("a journal's line %j is not believed, nor are the lines behind it", async (line) => {
    writeFileSync(join(grounds.above, "outside"), "");
    writeFileSync(join(grounds.above, ".tftp-driver-tmp-1"), "");
    writeFileSync(join(grounds.root, "remnant"), "");
    leaveJournal([madeLine("remnant"), line]);
    await grounds.storage().recover();
    expect(grounds.tree()).toEqual(["before/", "before/file", "remnant"]);
    expect(readdirSync(grounds.above).sort()).toEqual([".tftp-driver-tmp-1", "journals", "outside", "root"]);
    expect(grounds.warnings).toHaveLength(1);
  });

  test("a journal's last line, cut off by the crash, does not spoil the others", async () => {
    writeFileSync(join(grounds.root, "remnant"), "");
    const path = leaveJournal([madeLine("remnant")]);
    writeFileSync(path, `${readFileSync(path, "utf8")}{"made":"befo`);
    await grounds.storage().recover();
    expect(grounds.tree()).toEqual(["before/", "before/file"]);
  });
});

describe("the journal", () => {
  test("the journal exists only while it lists something", async () => {
    const storage = grounds.storage();
    await storage.list();
    expect(grounds.journalFiles()).toEqual([]);
    await storage.write("a", "x");
    expect(grounds.journalFiles()).toHaveLength(1);
    await storage.close();
    expect(grounds.journalFiles()).toEqual([]);
  });

  test.each([
    ["under the root", () => join(grounds.root, "journals")],
    ["that cannot be made", () => join(grounds.root, "before/file/journals")],
    ["that others may write to", () => openDirectory(join(grounds.above, "open"))],
  ])(
    "a journal in a directory %s is not kept: that is reported once, and files are written all the same",
    async (_, directory) => {
      const storage = grounds.storage({ journal: directory() });
      await storage.write("a", "x");
      await storage.write("b", "x");
      expect(grounds.warnings).toEqual([
        "storage: the journal cannot be written; after a crash, created files would stay",
      ]);
      await storage.close();
      expect(grounds.tree()).toEqual(["before/", "before/file"]);
    },
  );

  test("the journal lies in the directory that systemd or the user's environment names", async () => {
    const { journalDirectories } = await import("../../../../src/main/storage/cleanup/journal-place.ts");
    vi.stubEnv("STATE_DIRECTORY", "/var/lib/tftp-driver:/var/lib/other");
    vi.stubEnv("XDG_STATE_HOME", "/home/somebody/state");
    onTestFinished(() => void vi.unstubAllEnvs());
    const directories = journalDirectories(undefined);
    expect(directories.slice(0, 2)).toEqual(["/var/lib/tftp-driver", join("/home/somebody/state", "tftp-driver")]);
    expect(directories).toHaveLength(3);
  });
});
