// failed-tests.mjs TITLE REPORT: the failed tests of vitest's JSON report, each with the first lines of its failure.
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";

const LINES = 12;
const [title, report] = process.argv.slice(2);

const firstLines = (text) =>
  stripVTControlCharacters(text)
    .split("\n")
    .slice(0, LINES)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join("\n");

for (const file of JSON.parse(readFileSync(report, "utf8")).testResults) {
  const name = relative(process.cwd(), file.name);
  const failed = file.assertionResults.filter((test) => test.status === "failed");
  for (const test of failed) {
    console.log(`\n${title}: ${name} > ${test.fullName}`);
    for (const message of test.failureMessages) console.log(firstLines(message));
  }
  if (failed.length === 0 && file.status === "failed") console.log(`\n${title}: ${name}\n${firstLines(file.message)}`);
}
