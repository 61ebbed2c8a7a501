// Coverage-guided fuzzing of everything that reads foreign bytes, with jazzer.js (libFuzzer). The sources are compiled
// to CommonJS first: of ES modules version 4.0.0 sees no coverage. Each run begins with the corpus of the repo. What a
// run finds is written to .fuzz/findings; it belongs into the corpus, and corpus.test.ts then keeps it mended.
// jazzer.js needs glibc 2.38 (Debian 13, Ubuntu 24.04).
// usage: npm run fuzz -- [--seconds N] [--keep] [TARGET...]
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { targets } from "./targets.ts";

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    /** New inputs that reach new code go into the corpus of the repo. */
    keep: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
/** Not among the devDependencies: it weighs a hundred packages, and only this command needs it. */
const JAZZER = "@jazzer.js/core@4.0.0";
const built = ".fuzz";
const findings = join(built, "findings");
mkdirSync(findings, { recursive: true });

run("npx", ["tsc", "-p", "test/fuzz/tsconfig.json"]);
writeFileSync(join(built, "package.json"), '{ "type": "commonjs" }');
let failed = 0;
const chosen = positionals.length > 0 ? positionals : targets;
for (const target of chosen) {
  const corpus = join("test", "fuzz", "corpus", target);
  const working = join(built, "corpus", target);
  mkdirSync(working, { recursive: true });
  if (!values.keep) cpSync(corpus, working, { recursive: true });
  const entry = join(built, "test", "fuzz", "targets", `${target}.js`);
  const fuzzer = [`-max_total_time=${values.seconds}`, "-max_len=2000", `-artifact_prefix=${findings}/${target}-`];
  const options = ["--sync", "-i", join(built, "src"), "--timeout=5000"];
  const words = ["-y", "-p", JAZZER, "jazzer", entry, ...options, values.keep ? corpus : working, "--", ...fuzzer];
  console.log(`\n== ${target}`);
  if (spawnSync("npx", words, { stdio: "inherit" }).status !== 0) failed++;
}
console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function run(command: string, words: readonly string[]): void {
  const { status } = spawnSync(command, words, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ${words.join(" ")} ended with ${status}`);
}
