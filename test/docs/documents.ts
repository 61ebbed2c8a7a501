import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

export const repository: string = join(import.meta.dirname, "../..");

/** A Markdown file of the repository. */
export interface Document {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of code, with what readers do not see of it. */
export interface Snippet {
  /** `path:line` of the fence. */
  readonly at: string;
  readonly language: string;
  readonly code: string;
  /** The lines of a comment `<!-- setup … -->` before the fence: declarations that the reader can imagine. */
  readonly setup: string;
  /** The word of a comment `<!-- snippet: word -->` before the fence. */
  readonly mark: string | undefined;
}

const roots = [
  "README.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  "bench/README.md",
  "bench/results.md",
  "bench/network.md",
];

/** docs/, and every other page that is shipped. */
export function documents(): Document[] {
  const pages = readdirSync(join(repository, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  return [...roots, ...pages.sort()].map((path) => ({
    path: relative(repository, join(repository, path)),
    text: readFileSync(join(repository, path), "utf8"),
  }));
}

const block =
  /(?:<!-- (?:setup\n(?<setup>[\s\S]*?)|snippet: (?<mark>[\w-]+) ?)-->\s*)?^```(?<language>\w*)\n(?<code>[\s\S]*?)^```$/gm;

export function snippetsOf({ path, text }: Document): Snippet[] {
  return [...text.matchAll(block)].map((match) => {
    const { setup = "", mark, language = "", code = "" } = match.groups as Record<string, string | undefined>;
    const line = text.slice(0, match.index + match[0].indexOf("```")).split("\n").length;
    return { at: `${path}:${line}`, language, code, setup, mark };
  });
}

/** Those in one of the languages, or all of them. */
export function snippetsIn(...languages: readonly string[]): Snippet[] {
  const all = documents().flatMap(snippetsOf);
  return languages.length === 0 ? all : all.filter(({ language }) => languages.includes(language));
}
