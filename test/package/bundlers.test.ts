import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { documents, snippetsOf } from "../docs/documents.ts";
import { agent, isOffline, Project, tarball } from "./project.ts";

const tools = [
  "esbuild@0.28",
  "rollup@4",
  "@rollup/plugin-node-resolve@16",
  "@rollup/plugin-commonjs@29",
  "rolldown@1",
  "vite@8",
  "webpack@5",
  "webpack-cli@6",
  "@vercel/ncc",
  "tsup@8",
  "typescript@5",
];

/** The recipes of the page, by their marks. */
const recipes = new Map(
  documents()
    .filter(({ path }) => path === "docs/bundling.md")
    .flatMap(snippetsOf)
    .map(({ mark, code }) => [mark ?? "", code]),
);
const named = (kind: string): string[] => [...recipes.keys()].filter((mark) => mark.startsWith(`${kind}-`));
/** They find the files by themselves. */
const finders = new Set(["inside-webpack", "inside-ncc"]);

describe.skipIf(isOffline)("a bundle made by the recipe of docs/bundling.md serves", () => {
  let project: Project;
  beforeAll(async () => {
    project = new Project({
      "src/app.mjs": agent("(process.env.WORKER_URL ? { workerUrl: process.env.WORKER_URL } : {})"),
    });
    await project.run("npm", ["install", "--no-audit", "--no-fund", tarball, ...tools]);
  });

  test.each(named("external"))("%s: the library stays in node_modules", async (mark) => {
    for (const program of await build(mark))
      expect(await project.run("node", [`out/${program}`])).toContain("served\n");
  });

  test.each(named("inside"))("%s: the bundle and the copied worker, in a place without node_modules", async (mark) => {
    const programs = await build(mark);
    await project.run("bash", ["-ec", recipes.get("copy") ?? "false"]);
    const place = new Project();
    cpSync(project.path("out"), place.path("."), { recursive: true });
    for (const program of programs) {
      const alone = await place.run("node", [program]);
      expect(alone).toMatch(finders.has(mark) ? /^served$/m : /^START_FAILED .* workerUrl /m);
      const env = { WORKER_URL: place.path("tftp-worker.mjs") };
      expect(await place.run("node", [program], env)).toMatch(/^served$/m);
    }
  });

  /** The programs that the commands make, in out/. */
  async function build(mark: string): Promise<string[]> {
    rmSync(project.path("out"), { recursive: true, force: true });
    await project.run("bash", ["-ec", recipes.get(mark) ?? "false"]);
    expect(existsSync(project.path("out"))).toBe(true);
    const programs = readdirSync(project.path("out")).filter((name) => /^(?:app|main|index)\.[cm]?js$/.test(name));
    expect(programs).not.toEqual([]);
    return programs;
  }
});
