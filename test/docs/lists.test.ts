import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { keyOf } from "../../src/cli/serve/config/file-keys.ts";
import { reloadableNames } from "../../src/contract/options/options.ts";
import { dropReasons, refusalReasons, transferOutcomes } from "../../src/contract/events/outcomes.ts";
import { collectMetrics } from "../../src/metrics.ts";
import { Tftp } from "../../src/main/tftp.ts";
import { repository } from "./documents.ts";

const page = (name: string): string => readFileSync(join(repository, "docs", name), "utf8");
const source = (name: string): string => readFileSync(join(repository, "src", name), "utf8");

test.each([
  ["Outcomes", transferOutcomes],
  ["Refusal reasons", refusalReasons],
  ["Drop reasons", dropReasons],
])("errors.md explains all of the %s, and no others", (heading, words) => {
  expect(firstColumn(section(page("errors.md"), heading)).sort()).toEqual([...words].sort());
});

test("troubleshooting.md says of every reason of a refusal or a drop what to do, and of no other", () => {
  const words = firstColumn(section(page("troubleshooting.md"), "Refused and dropped"));
  expect(words.sort()).toEqual([...refusalReasons, ...dropReasons].sort());
});

test("errors.md explains every error code, and no other", () => {
  const codes = [...source("contract/errors.ts").matchAll(/^ {2}(?:\| )?"([A-Z_]+)"[,;]?$/gm)].map(
    ([, code = ""]) => code,
  );
  expect(codes.length).toBeGreaterThan(10);
  expect(firstColumn(section(page("errors.md"), "Codes")).sort()).toEqual(codes.sort());
});

test("events.md explains every type of event, and no other", () => {
  const types = [...source("contract/events/events.ts").matchAll(/^ {2}readonly type: "([\w-]+)";$/gm)].map(
    ([, type = ""]) => type,
  );
  expect(types.length).toBeGreaterThan(8);
  expect(firstColumn(section(page("events.md"), "Types")).sort()).toEqual(types.sort());
});

test("metrics.md explains every metric, and no other", async () => {
  const registry = new Registry();
  const tftp = new Tftp({ journal: false });
  collectMetrics(tftp, { registry });
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  await tftp.close();
  expect(firstColumn(section(page("metrics.md"), "Prometheus")).sort()).toEqual(names.sort());
});

test("reliability.md and cli.md name every option that may change while the server runs", () => {
  const reliability = section(page("reliability.md"), "Changing limits while it runs");
  const cli = section(page("cli.md"), "The configuration file");
  expect(reloadableNames.filter((name) => !reliability.includes(`\`${name}\``))).toEqual([]);
  expect(reloadableNames.filter((name) => !cli.includes(`\`${keyOf(name)}\``))).toEqual([]);
});

/** What stands under a heading, its subheadings included. */
function section(text: string, heading: string): string {
  const [, after = ""] = text.split(`\n## ${heading}\n`);
  return after.split("\n## ")[0] as string;
}

/** Every word in backquotes in the first column of its tables. */
function firstColumn(text: string): string[] {
  const cells = [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell]) => cell as string);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word as string));
}
