// Vitest's global setup: compiles the sources once for all threads and processes of a run.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestProject } from "vitest/node";

const root = join(import.meta.dirname, "../..");
const tsc = join(root, "node_modules/typescript/bin/tsc");

/**
 * Under node_modules, for there the packages are found that the sources import; in a directory of its own, for two runs
 * may go on at once. Types are for `npm run typecheck`.
 */
export default function compileSources(project: TestProject): () => void {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, "tftp-driver-"));
  const compile = (): void => {
    const options = ["--noCheck", "--declaration", "false", "--isolatedDeclarations", "false", "--inlineSourceMap"];
    const args = [tsc, "-p", join(root, "tsconfig.build.json"), ...options, "--outDir", join(place, "dist")];
    execFileSync(process.execPath, args, { stdio: "inherit" });
  };
  compile();
  // It says that these are modules, and the command line tool reads its version.
  copyFileSync(join(root, "package.json"), join(place, "package.json"));
  cpSync(join(root, "src/ui/page"), join(place, "dist/ui/page"), { recursive: true });
  process.env["TFTP_COMPILED_SOURCES"] = pathToFileURL(join(place, "dist/")).href;
  project.onTestsRerun(compile);
  return () => rmSync(place, { recursive: true, force: true });
}
