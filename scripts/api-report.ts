// Writes docs/api-report.txt: every public declaration as the built .d.ts files have it, without comments, so that a
// change of the API is a line in a diff. With --check it fails if the file is out of date.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Declaration, DeclarationFiles } from "./declarations.ts";

const root = join(import.meta.dirname, "..");
const reportFile = join(root, "docs/api-report.txt");

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const { name, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const files = new DeclarationFiles();
const sections: string[] = [];
const exported = new Map<string, Declaration>();

for (const [door, target] of Object.entries(exports)) {
  if (typeof target === "string") continue;
  const declarations = files.exportsOf(join(root, target.types));
  for (const declaration of declarations) exported.set(declaration.id, declaration);
  sections.push(section(door.replace(/^\./, name), declarations));
}
const reachable = new Map<string, Declaration>();
for (const declaration of exported.values()) reach(declaration);
const internal = [...reachable.values()].filter(({ id }) => !exported.has(id));
if (internal.length > 0) sections.push(section("reachable from these, but not exported", internal));
compareOrWrite(`${sections.join("\n\n")}\n`);

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
