import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findCommand } from "../../src/cli/commands/command-table.ts";
import { completionScript } from "../../src/cli/completion/completion.ts";
import { isAbsent } from "../helpers/client-programs.ts";

const directory = mkdtempSync(join(tmpdir(), "tftp-completion-"));

beforeAll(() => {
  for (const shell of ["bash", "zsh", "fish"] as const) writeFileSync(join(directory, shell), completionScript(shell));
  writeFileSync(join(directory, "tftp.yaml"), "");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.skipIf(isAbsent("bash", ["--version"]))("bash", () => {
  test.each(completions())("completes %s", (line, expected) => {
    const words = line.split(" ").map((word) => `'${word}'`);
    const script = `source ./bash; COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _tftp_driver; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(run("bash", ["--norc", "-c", script]).sort()).toEqual(expect.arrayContaining(expected));
  });
});

describe.skipIf(isAbsent("fish", ["--version"]))("fish", () => {
  test.each(completions())("completes %s", (line, expected) => {
    const lines = run("fish", ["--no-config", "-c", `source ./fish; complete -C '${line}'`]);
    expect(lines.map((each) => each.split("\t")[0])).toEqual(expect.arrayContaining(expected));
  });
});

describe.skipIf(isAbsent("zsh", ["--version"]))("zsh", () => {
  test("the script is loaded, and registers a function for the command", () => {
    const script = `autoload -Uz compinit; compinit -u -d ./dump; source ./zsh; print $_comps[tftp-driver]`;
    expect(run("zsh", ["-f", "-c", script])).toEqual(["_tftp-driver"]);
  });

  test("the script has every option of every command", () => {
    for (const name of ["serve", "get"]) {
      for (const option of findCommand(name)?.options ?? []) {
        expect(completionScript("zsh")).toContain(`--${option.name}`);
      }
    }
  });
});

/** What is typed, and some of what must be offered for its last word. */
function completions(): [string, string[]][] {
  return [
    ["tftp-driver ", ["serve", "get", "completion", "help"]],
    ["tftp-driver serve --p", ["--port", "--plain"]],
    ["tftp-driver serve --transport ", ["auto", "dgram", "native"]],
    ["tftp-driver serve --config t", ["tftp.yaml"]],
    ["tftp-driver get --b", ["--blksize"]],
    ["tftp-driver completion ", ["bash", "zsh", "fish"]],
  ];
}

function run(program: string, args: readonly string[]): string[] {
  return execFileSync(program, args, { cwd: directory, encoding: "utf8" }).trimEnd().split("\n");
}
