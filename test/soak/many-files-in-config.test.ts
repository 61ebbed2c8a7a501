import { expect, test } from "vitest";
import { parseConfig } from "../../src/cli/serve/config/config-file.ts";

test("200,000 files are read in a time that grows with their number, not with its square", () => {
  // Ten times as many would take a hundred times as long by comparing each with all.
  expect(quickestOf(200_000) / quickestOf(20_000)).toBeLessThan(50);
}, 60_000);

/** The quickest of three readings: a machine that does other things makes some of them slow. */
function quickestOf(count: number): number {
  return Math.min(...Array.from({ length: 3 }, () => timeOf(count)));
}

/** How long it takes to read that many files, in ms. */
function timeOf(count: number): number {
  const lines = Array.from({ length: count }, (_, index) => `  pxelinux.cfg/01-${index}: "default ${index}"\n`);
  const started = performance.now();
  const { files } = parseConfig(`files:\n${lines.join("")}`, "tftp.yaml");
  expect(Object.keys(files)).toHaveLength(count);
  return performance.now() - started;
}
