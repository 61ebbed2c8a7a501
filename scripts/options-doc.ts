/**
 * docs/options.md, made of the option table and of the docstrings of the types that it fills.
 *
 *   node --import tsx scripts/options-doc.ts           fails if the page is out of date
 *   node --import tsx scripts/options-doc.ts --write   writes the page
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { OptionRule } from "../src/contract/options/option-rules.ts";
import { controllerOptions, serverOptions } from "../src/contract/options/option-table.ts";
import { reloadableNames } from "../src/contract/options/options.ts";
import { isSamePage } from "./markdown.ts";

const SOURCES = ["server-config.ts", "controller-config.ts"].map(
  (name) => new URL(`../src/contract/options/${name}`, import.meta.url),
);
const PAGE = new URL("../docs/options.md", import.meta.url);

/** What the docstring of one option says. */
interface Docstring {
  readonly text: string;
  /** What stands behind `@default`. */
  readonly fallback: string;
}

/** The text of the types that have a docstring for each option. */
export function readOptionTypes(): string {
  return SOURCES.map((file) => readFileSync(file, "utf8")).join("\n");
}

/** The docstrings of all properties that have a `@default`, by the name of the property. */
export function readDocstrings(source: string): ReadonlyMap<string, Docstring> {
  const pattern = /\/\*\*((?:(?!\*\/)[\s\S])*?)@default ([^\n]*)\n\s*\*\/\s*readonly (\w+):/g;
  return new Map(
    [...source.matchAll(pattern)].map(([, text = "", fallback = "", name = ""]) => [
      name,
      { text: text.replace(/\s*\n\s*\* ?/g, " ").trim(), fallback: fallback.trim() },
    ]),
  );
}

/** @throws {Error} if an option has no docstring, or its `@default` is not what the table says. */
export function optionsPage(source: string): string {
  const docstrings = readDocstrings(source);
  return `<!-- Written by \`npm run docs:options\` from server-config.ts, controller-config.ts and option-table.ts in src/contract/. -->

# Options

The options of \`new Tftp()\`. All of them may be left out; undefined means the default. A value that is not what was
expected is refused with INVALID_OPTION, naming the option, the expectation and the value. In a file for
\`tftp-driver serve --config\` the words of a name are parted by \`_\`: \`max_block_size\`.

## Of the server

Those marked with * can change while the server runs, by \`tftp.reconfigure()\`.

${rows(serverOptions, docstrings)}

## Of the controlling side

${rows(controllerOptions, docstrings)}

\`logger\` is not plain data, so no file can hold it: an object with the functions \`debug\`, \`info\`, \`warn\` and \`error\`,
as pino has them (an object of details first, then the message). Without it nothing is logged.
`;
}

function rows(
  options: Readonly<Record<string, OptionRule<unknown>>>,
  docstrings: ReadonlyMap<string, Docstring>,
): string {
  const lines = Object.entries(options).map(([name, rule]) => {
    const docstring = docstrings.get(name);
    const fallback = showDefault(rule.fallback);
    if (!docstring) throw new Error(`${name}: expected a docstring with a @default in src/contract/`);
    if (docstring.fallback !== fallback) {
      throw new Error(`${name}: expected @default ${fallback}, as in the option table, got ${docstring.fallback}`);
    }
    const mark = (reloadableNames as readonly string[]).includes(name) ? " *" : "";
    return `| \`${name}\`${mark} | ${cell(docstring.text)} | ${cell(rule.expected)} | \`${fallback}\` |`;
  });
  return ["| option | what it does | expected | default |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function showDefault(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showDefault).join(", ")}]`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A line break or a `|` would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", String.raw`\|`).replace(/\s+/g, " ");
}

function main(option: string | undefined): number {
  const page = optionsPage(readOptionTypes());
  if (option === "--write") {
    mkdirSync(new URL(".", PAGE), { recursive: true });
    writeFileSync(PAGE, page);
    return 0;
  }
  if (isSamePage(readPage(), page)) return 0;
  console.error("docs/options.md: out of date; run npm run docs:options");
  return 1;
}

function readPage(): string {
  try {
    return readFileSync(PAGE, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = main(process.argv[2]);
}
