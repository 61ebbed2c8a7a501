import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/command-line.ts";
import { parseExporterConfig } from "../../src/cli/export/exporter-config.ts";
import { parseConfig } from "../../src/cli/serve/config/config-file.ts";
import { documents, repository, snippetsIn } from "./documents.ts";
import { commandsIn } from "./shell.ts";
import { typeCheck } from "./type-check.ts";

const programs = snippetsIn("ts", "js", "mjs");

describe("a snippet of TypeScript or JavaScript compiles against the sources", () => {
  let messages: Map<string, string[]>;
  beforeAll(() => void (messages = typeCheck(programs)));
  test.each(programs.map(({ at }) => at))("the code of %s compiles against the sources", (at) =>
    expect(messages.get(at)).toEqual([]),
  );
});

describe("a shell command that a page shows is one that there is", () => {
  const commands = snippetsIn("sh").flatMap(({ at, code }) => commandsIn(code).map((words) => [at, words] as const));
  test.each(commands)("%s shows a shell command that exists: %j", (_at, words) =>
    expect(problemOf(words)).toBeUndefined(),
  );
});

describe("a snippet of YAML is a configuration file that is accepted", () => {
  test.each(snippetsIn("yaml").map(({ at, code }) => [at, code] as const))(
    "the YAML of %s is a valid configuration file",
    (at, code) => {
      const isExporter = code.includes("kind: ExporterConfig");
      expect(() => (isExporter ? parseExporterConfig(code, at, {}) : parseConfig(code, at))).not.toThrow();
    },
  );
});

describe("an npm script that a page names is one that there is", () => {
  const pages = documents().map(({ path, text }) => [path, [...text.matchAll(/\bnpm run ([\w:]+)/g)]] as const);
  test.each(pages)("%s names only npm scripts that exist", (_path, names) => {
    expect(names.map(([, name]) => scriptProblem(["run", name as string])).filter(Boolean)).toEqual([]);
  });
});

test("every block of code has a language that is checked, or is known not to be code", () => {
  const known = new Set(["ts", "js", "mjs", "sh", "yaml", "text", "python"]);
  const unknown = snippetsIn().filter(({ language }) => !known.has(language));
  expect(unknown.map(({ at }) => at)).toEqual([]);
});

/** Why a command cannot be meant as it is written. */
function problemOf([command = "", ...args]: readonly string[]): string | undefined {
  if (command === "npx") return problemOf(args);
  if (command === "tftp-driver") return usageProblem(args);
  if (command === "npm") return scriptProblem(args);
  if (command === "bash" || command === "node") {
    return existsSync(join(repository, args[0] ?? "")) ? undefined : `${args[0]}: there is no such file`;
  }
  return command === "ssh" || command === "jmp" ? undefined : `${command}: nobody checks this command`;
}

function usageProblem(args: readonly string[]): string | undefined {
  try {
    parseCommandLine(args);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function scriptProblem([verb = "", name = ""]: readonly string[]): string | undefined {
  const { scripts } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8")) as { scripts: object };
  if (["ci", "install", "pack", "publish", "version"].includes(verb)) return undefined;
  const script = verb === "run" ? name : verb;
  return script in scripts ? undefined : `npm ${verb} ${name}: there is no such script`;
}
