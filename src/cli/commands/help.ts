import { commandTable, findCommand, globalOptions } from "./command-table.ts";
import { type CommandSpec, optionLabel, type OptionSpec, optionText } from "./option-spec.ts";

/** Fits into every terminal. */
const WIDTH = 80;
/** The column of what an option does. */
const TEXT = 26;

const EXIT_CODES = "Exit codes: 0 success, 1 failure, 2 bad usage, 128 + N aborted by signal N.\n";

/** Help of one command, or an overview. */
export function helpText(name?: string): string {
  const command = name === undefined ? undefined : findCommand(name);
  return command ? commandHelp(command) : overview();
}

function overview(): string {
  const rows = commandTable.map((command) => row(`  ${command.name} ${command.usage}`, command.summary));
  return [
    "Usage: tftp-driver COMMAND [OPTION...]\n\n",
    "A read-only TFTP server, and a client.\n\nCommands:\n",
    ...rows,
    "\nOptions:\n",
    ...globalOptions.map(optionRow),
    "\ntftp-driver COMMAND --help prints the options of that command.\n",
    EXIT_CODES,
  ].join("");
}

function commandHelp({ name, usage, description, options, examples }: CommandSpec): string {
  return [
    `Usage: tftp-driver ${name} ${usage} [OPTION...]\n\n`,
    `${wrap(description, WIDTH).join("\n")}\n\nOptions:\n`,
    ...options.map(optionRow),
    ...(examples.length > 0 ? ["\nExamples:\n", ...examples.map((line) => `  ${line}\n`)] : []),
    `\n${EXIT_CODES}`,
  ].join("");
}

function optionRow(option: OptionSpec): string {
  // The names of options without a short one stand below those of the others.
  return row(`  ${option.short === undefined ? "    " : ""}${optionLabel(option)}`, optionText(option));
}

/** The label and the text beside it, or below it if it is long. */
function row(label: string, text: string): string {
  const lines = wrap(text, WIDTH - TEXT);
  const indent = " ".repeat(TEXT);
  if (label.length > TEXT - 2) return `${label}\n${lines.map((line) => `${indent}${line}\n`).join("")}`;
  return lines.map((line, index) => `${index === 0 ? label.padEnd(TEXT) : indent}${line}\n`).join("");
}

/** Breaks at spaces. */
export function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) as string;
    if (last === "") lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
