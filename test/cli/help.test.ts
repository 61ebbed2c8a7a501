import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandTable } from "../../src/cli/commands/command-table.ts";
import { helpText } from "../../src/cli/commands/help.ts";
import { optionLabel } from "../../src/cli/commands/option-spec.ts";

test("the overview names every command, and how to get help of one", () => {
  for (const { name, summary } of commandTable) {
    expect(helpText()).toContain(`\n  ${name} `);
    expect(helpText().replaceAll(/\s+/g, " ")).toContain(summary);
  }
  expect(helpText()).toContain("tftp-driver COMMAND --help");
});

test.each(commandTable.map((command) => [command.name, command] as const))(
  "the help of %s has each of its options, and fits into 80 columns",
  (name, { options, examples }) => {
    const text = helpText(name);
    const words = text.replaceAll(/\s+/g, " ");
    for (const option of options) {
      expect(text).toMatch(new RegExp(`^ {2}.{4}--${option.name}\\b`, "m"));
      expect(words).toContain(option.summary);
    }
    const lines = text.split("\n").filter((line) => !examples.includes(line.trim()));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  },
);

test("no two options of a command share a letter", () => {
  for (const { options } of commandTable) {
    const letters = options.flatMap(({ short }) => short ?? []);
    expect(new Set(letters).size).toBe(letters.length);
  }
});

test("docs/cli.md has each option of serve and get", () => {
  const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  for (const { name, options } of commandTable.filter((command) => ["serve", "get"].includes(command.name))) {
    const section = page.slice(page.indexOf(`\n## ${name}\n`)).split(/\n## /)[1] ?? "";
    const table = `${page.split("## serve")[0]}${section}`;
    for (const option of options) expect(table).toContain(`\`--${optionLabel(option).split("--")[1]}`);
  }
});
