import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { type Document, documents, repository } from "./documents.ts";

describe("a link leads to a file that exists", () => {
  test.each(documents().map((document) => [document.path, document] as const))(
    "the links of %s lead to files that exist",
    (_path, document) => {
      expect(
        linksOf(document)
          .map((link) => problemOf(document, link))
          .filter(Boolean),
      ).toEqual([]);
    },
  );
});

test.each(documents().map((document) => [document.path, document] as const))(
  "the tests that %s names exist",
  (_path, { text }) => {
    const named = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, path]) => path as string);
    expect(named.filter((path) => !existsSync(join(repository, path)))).toEqual([]);
  },
);

test("every page of docs/ can be reached from its index", () => {
  const pages = documents().filter(({ path }) => path.startsWith("docs/") && path !== "docs/README.md");
  const seen = new Set(["docs/README.md"]);
  for (const path of seen) {
    const document = documents().find((each) => each.path === path);
    const targets = document ? linksOf(document).map((link) => targetOf(document, link).path) : [];
    for (const target of targets) if (target.startsWith("docs/")) seen.add(target);
  }
  expect(pages.map(({ path }) => path).filter((path) => !seen.has(path))).toEqual([]);
});

test("README has at most 180 lines, and no page names an address of a repository", () => {
  expect(readFileSync(join(repository, "README.md"), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(180);
  const shown = documents().filter(({ text }) => /github\.com\/[^)\s]*tftp-driver/.test(text));
  expect(shown.map(({ path }) => path)).toEqual([]);
});

function linksOf({ text }: Document): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link as string)
    .filter((link) => !/^https?:/.test(link));
}

function targetOf({ path }: Document, link: string): { path: string; anchor: string | undefined } {
  const [file = "", anchor] = link.split("#");
  return { path: file === "" ? path : normalize(join(dirname(path), file)), anchor };
}

function problemOf(document: Document, link: string): string | undefined {
  const { path, anchor } = targetOf(document, link);
  if (!existsSync(join(repository, path))) return `${link}: there is no such file`;
  if (anchor === undefined) return undefined;
  const headings = readFileSync(join(repository, path), "utf8").match(/^#+ .*$/gm) ?? [];
  return headings.some((heading) => slug(heading) === anchor) ? undefined : `${link}: there is no such heading`;
}

/** A heading's anchor, as renderers of Markdown make it. */
function slug(heading: string): string {
  const text = heading.replace(/^#+ /, "").toLowerCase();
  return text.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}
