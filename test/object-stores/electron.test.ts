import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { NodeProgram } from "../helpers/node-program.ts";
import { isOpenDalAbsent } from "../helpers/opendal.ts";

// Electron itself cannot be installed everywhere. Here a program says that it is Electron, and its `execPath` does what
// Electron's documentation says: it starts the application, unless ELECTRON_RUN_AS_NODE makes Node of it.
const application = `
  import { Tftp } from ${JSON.stringify(`${process.env["TFTP_COMPILED_SOURCES"]}index.js`)};
  const [, , electron, root] = process.argv;
  Object.defineProperty(process, "versions", { value: { ...process.versions, electron: "40.0.0" } });
  process.execPath = electron;
  const tftp = new Tftp({ host: "127.0.0.1", port: 0, rootDir: root, journal: false, source: { scheme: "fs", root } });
  try {
    await tftp.start();
    console.log("started");
  } catch (error) {
    console.log(error.code, error.message);
  }
  await tftp.close();
`;

describe.skipIf(isOpenDalAbsent())("in an application of Electron", () => {
  test("the process for a source runs its file, not the application", async () => {
    const { run, starts } = project('[ "$ELECTRON_RUN_AS_NODE" = 1 ] && exec PROGRAM "$@"');
    expect(await run()).toBe("started\n");
    expect(starts()).toBe(1);
  });

  test("with the fuse runAsNode off the application is started once, not again and again, and start() rejects", async () => {
    const { run, starts } = project("");
    expect(await run()).toMatch(/^(?:START_FAILED|SOURCE_UNAVAILABLE) .*\n$/);
    expect(starts()).toBe(1);
  });
});

/** An application, and the program Electron, which does `first`, and otherwise starts the application. */
function project(first: string): { run: () => Promise<string>; starts: () => number } {
  const directory = mkdtempSync(join(tmpdir(), "tftp-electron-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const [root, electron, main] = ["root", "electron", "main.mjs"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(root);
  writeFileSync(main, application);
  const node = `'${process.execPath}'`;
  const lines = ["#!/bin/sh", `echo >>'${directory}/starts'`, first.replace("PROGRAM", node)];
  writeFileSync(electron, [...lines, `exec ${node} '${main}' '${electron}' '${root}'`, ""].join("\n"));
  chmodSync(electron, 0o755);
  return {
    run: async () => {
      const program = new NodeProgram([main, electron, root]);
      expect(await program.end(), program.stderr).toBe(0);
      return program.stdout;
    },
    starts: () => readFileSync(join(directory, "starts"), "utf8").length,
  };
}
