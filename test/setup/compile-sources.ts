// Vitest's global setup: compiles the sources once for all threads and processes of a run.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import type { TestProject } from "vitest/node";

const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules/typescript/bin/tsc");

/** What starts most often, hundreds of times in a run: loading one file takes half the time of a hundred. */
const started = ["worker/entry.js", "object-store/process/entry.js", "cli/main.js"];

/**
 * Under node_modules, for there the packages are found that the sources import; in a directory of its own, for two runs
 * may go on at once. Types are for `npm run typecheck`.
 */
export default async function compileSources(project: TestProject): Promise<(() => void) | undefined> {
  // Each project of a run asks for it.
  if (process.env["TFTP_COMPILED_SOURCES"]) return undefined;
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, "tftp-driver-"));
  const compile = async (): Promise<void> => {
    const options = ["--noCheck", "--declaration", "false", "--isolatedDeclarations", "false", "--sourceMap"];
    const args = [tsc, "-p", join(root, "tsconfig.build.json"), ...options, "--outDir", join(place, "dist")];
    execFileSync(process.execPath, args, { stdio: "inherit" });
    await Promise.all(started.map((file) => bundle(join(place, "dist", file))));
  };
  await compile();
  // It says that these are modules, and the command line tool reads its version.
  copyFileSync(join(root, "package.json"), join(place, "package.json"));
  // The page's files are looked for beside the module that serves them, or beside the bundle that it is in.
  for (const room of ["ui", "cli"])
    cpSync(join(root, "src/ui/page"), join(place, "dist", room, "page"), { recursive: true });
  process.env["TFTP_COMPILED_SOURCES"] = pathToFileURL(join(place, "dist/")).href;
  project.onTestsRerun(compile);
  return () => rmSync(place, { recursive: true, force: true });
}

/**
 * Replaces a file by itself with all that it imports. Packages stay packages, but for comlink as in what is published: as
 * CommonJS it takes a quarter of a server's start.
 */
async function bundle(file: string): Promise<void> {
  const build = await rolldown({
    input: file,
    platform: "node",
    external: (id) => /^[^./]/.test(id) && !id.startsWith("comlink"),
    resolve: { mainFields: ["module", "main"] },
  });
  await build.write({ file, format: "esm", sourcemap: true, codeSplitting: false });
  await build.close();
}
