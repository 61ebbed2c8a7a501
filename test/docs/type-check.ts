import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repository, type Snippet } from "./documents.ts";

/** The package itself stands for its sources, not for what was built last. */
const paths = {
  "tftp-driver": [join(repository, "src/index.ts")],
  "tftp-driver/jumpstarter": [join(repository, "src/jumpstarter.ts")],
  "tftp-driver/metrics": [join(repository, "src/metrics.ts")],
};

/** Compiles all snippets in one go. Returns the messages of the compiler, by the place of the snippet. */
export function typeCheck(snippets: readonly Snippet[]): Map<string, string[]> {
  const directory = mkdtempSync(join(tmpdir(), "tftp-snippets-"));
  try {
    const files = snippets.map(({ language }, index) => `snippet-${index}.${language === "ts" ? "mts" : "mjs"}`);
    for (const [index, { setup, code }] of snippets.entries()) {
      writeFileSync(join(directory, files[index] as string), `${setup}\n${code}`);
    }
    // For prom-client, pino and Node's own types.
    symlinkSync(join(repository, "node_modules"), join(directory, "node_modules"), "junction");
    writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(configuration(files)));
    const messages = compile(directory);
    return new Map(
      snippets.map(({ at }, index) => [at, messages.filter((line) => line.startsWith(`${files[index]}(`))]),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function configuration(files: readonly string[]): object {
  return {
    extends: join(repository, "tsconfig.json"),
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths,
    },
    include: [join(repository, "src/types"), ...files],
  };
}

/** The compiler's lines; empty if all is well. */
function compile(directory: string): string[] {
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", "."], { cwd: directory, encoding: "utf8", stdio: "pipe" });
    return [];
  } catch (error) {
    const { stdout = "" } = error as { stdout?: string };
    const lines = stdout.split("\n").filter((line) => / error TS\d+: /.test(line));
    const others = lines.filter((line) => !line.startsWith("snippet-"));
    if (lines.length === 0 || others.length > 0) throw new Error(`tsc: ${others[0] ?? stdout}`, { cause: error });
    return lines;
  }
}
