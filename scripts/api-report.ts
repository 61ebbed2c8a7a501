// Writes docs/api-report.txt: every public declaration as tsc emits it, without comments, so that a
// change of the API is a line in a diff. With --check it fails if the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Declaration, DeclarationFiles } from "./declarations.ts";
import { typedDoors } from "./doors.ts";
import { withTypes } from "./emit-types.ts";

const root = join(import.meta.dirname, "..");
const reportFile = join(root, "docs/api-report.txt");

const files = new DeclarationFiles();
const exported = new Map<string, Declaration>();
const reachable = new Map<string, Declaration>();

await withTypes((directory) => {
  const sections = typedDoors().map(({ path, source }) => {
    const declarations = files.exportsOf(join(directory, source.replace(/\.ts$/, ".d.ts")));
    for (const declaration of declarations) exported.set(declaration.id, declaration);
    return section(`tftp-driver${path}`, declarations);
  });
  for (const declaration of exported.values()) reach(declaration);
  const internal = [...reachable.values()].filter(({ id }) => !exported.has(id));
  if (internal.length > 0) sections.push(section("reachable from these, but not exported", internal));
  compareOrWrite(`${sections.join("\n\n")}\n`);
});

function section(title: string, declarations: readonly Declaration[]): string {
  const texts = declarations.toSorted((one, other) => (one.name < other.name ? -1 : 1)).map(({ text }) => text);
  return [`# ${title}`, ...texts].join("\n\n");
}

function reach(declaration: Declaration): void {
  if (reachable.has(declaration.id)) return;
  reachable.set(declaration.id, declaration);
  for (const referenced of files.referencedBy(declaration)) reach(referenced);
}

function compareOrWrite(report: string): void {
  if (!process.argv.includes("--check")) return writeFileSync(reportFile, report);
  if (readFileSync(reportFile, "utf8") === report) return;
  console.error("docs/api-report.txt is out of date: the public API has changed. `npm run api` writes it again.");
  process.exitCode = 1;
}
