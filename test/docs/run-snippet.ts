import { mkdtempSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onTestFinished } from "vitest";
import { repository, snippetsIn } from "./documents.ts";

/** The code of the one snippet with that mark. @throws {Error} if there is none, or another one. */
export function markedSnippet(mark: string): string {
  const [snippet, ...more] = snippetsIn().filter((each) => each.mark === mark);
  if (!snippet || more.length > 0) throw new Error(`expected one snippet marked ${mark}, got ${snippet ? 2 : 0}`);
  return snippet.code;
}

/**
 * A directory with these files, in which the package and its development dependencies are installed, as they are in the
 * sources. It is removed with the test.
 */
export function projectWith(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "tftp-docs-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const installed = join(directory, "node_modules/tftp-driver");
  mkdirSync(installed, { recursive: true });
  const door = pathToFileURL(join(repository, "src/index.ts")).href;
  writeFileSync(join(installed, "package.json"), JSON.stringify({ type: "module", exports: "./index.js" }));
  writeFileSync(join(installed, "index.js"), `export * from ${JSON.stringify(door)};\n`);
  for (const name of ["pino", "winston", "@opentelemetry"]) {
    symlinkSync(join(repository, "node_modules", name), join(directory, "node_modules", name), "junction");
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
