import { readdirSync, readFileSync } from "node:fs";
import { posix, sep } from "node:path";

/** One import of one file: static, dynamic, type-only, or a re-export. */
export interface SourceImport {
  /** The file, relative to the directory that was read. */
  readonly from: string;
  /** A file of that directory, as "./path", or a module's name. */
  readonly to: string;
  readonly line: number;
}

/** `from "…"`, `import "…"` and `import("…")`; oxfmt keeps each specifier on the line of its keyword. */
const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g;

/** The imports of all TypeScript files under the directory, by file and line. */
export function readImports(directory: URL): SourceImport[] {
  const files = (readdirSync(directory, { recursive: true }) as string[]).map((file) => file.replaceAll(sep, "/"));
  return files
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .flatMap((file) => importsOf(file, readFileSync(new URL(file, directory), "utf8")));
}

export function importsOf(file: string, source: string): SourceImport[] {
  return [...withoutComments(source).matchAll(SPECIFIER)].map(({ 1: specifier = "", index }) => ({
    from: file,
    to: specifier.startsWith(".") ? `./${posix.join(posix.dirname(file), specifier)}` : specifier,
    line: source.slice(0, index).split("\n").length,
  }));
}

/** Comments become spaces, so that places stay. A `//` inside of a string is left alone if a quote is before it. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, blank).replace(/^[^"'`\n]*?\/\/.*$/gm, blank);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Groups of files that import each other in a circle, each as one path around it. */
export function findCycles(imports: readonly SourceImport[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) {
    if (to.startsWith(".")) targets.set(from, [...(targets.get(from) ?? []), to.slice(2)]);
  }
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start !== -1) return void cycles.push(path.slice(start));
    if (done.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return cycles;
}
