// How quick the package is at hand: its import beside piscina's, another package that runs threads, and start() beside
// the start of a thread that does nothing. `npm run bench:start`, a minute. Exit code 1 if one of them is over its limit.
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describeMachine } from "../machine.ts";

const ROUNDS = Number(process.argv[2] ?? 15);
/** At most so many times as long. */
const IMPORT_RATIO = 1.5;
const START_RATIO = 2.5;

const piscina = join(createRequire(import.meta.url).resolve("piscina"), "../esm-wrapper.mjs");
const ours = join(import.meta.dirname, "../../dist/index.js");

const rounds = Array.from({ length: ROUNDS }, () => {
  // In turns: whatever the machine does to one it does to the other.
  const [piscinaImport = NaN] = run("import.mjs", pathToFileURL(piscina).href);
  const [ourImport = NaN] = run("import.mjs", pathToFileURL(ours).href);
  const [bare = NaN, start = NaN] = run("start.mjs");
  return { piscinaImport, ourImport, bare, start };
});
const [piscinaImport, ourImport, bare, start] = (["piscinaImport", "ourImport", "bare", "start"] as const).map((name) =>
  median(rounds.map((round) => round[name])),
) as [number, number, number, number];

console.log("| what | median, ms | times the other | at most |\n| --- | --: | --: | --: |");
console.log(`| import of piscina | ${piscinaImport.toFixed(1)} | | |`);
console.log(`| import of tftp-driver | ${row(ourImport, piscinaImport, IMPORT_RATIO)} |`);
console.log(`| a thread that does nothing | ${bare.toFixed(1)} | | |`);
console.log(`| start() | ${row(start, bare, START_RATIO)} |`);
console.log(`\n${ROUNDS} rounds in turns.\n${describeMachine().slice(0, 2).join("\n")}`);
if (ourImport > IMPORT_RATIO * piscinaImport || start > START_RATIO * bare) process.exitCode = 1;

function run(script: string, ...args: readonly string[]): number[] {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, script), ...args], { encoding: "utf8" });
  return output.trim().split(" ").map(Number);
}

function row(value: number, other: number, limit: number): string {
  return `${value.toFixed(1)} | ${(value / other).toFixed(2)} | ${limit}`;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
}
