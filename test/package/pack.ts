// Vitest's global setup: packs the package once, and looks whether the registry answers.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The path of the packed package. */
    readonly tarball: string;
    /** Whether packages can be installed. */
    readonly online: boolean;
  }
}

const root = join(import.meta.dirname, "../..");

export default function pack(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), "tftp-package-"));
  execFileSync(process.execPath, ["--import", "tsx", "scripts/build.ts"], { cwd: root, stdio: "inherit" });
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", directory], {
    cwd: root,
    encoding: "utf8",
  });
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  project.provide("tarball", join(directory, filename));
  project.provide("online", answers());
  return () => rmSync(directory, { recursive: true, force: true });
}

function answers(): boolean {
  try {
    execFileSync("npm", ["view", "piscina", "version", "--fetch-retries", "1"], { stdio: "ignore", timeout: 120_000 });
    return true;
  } catch {
    return false;
  }
}
