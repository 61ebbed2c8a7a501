import { commandTable, globalOptions } from "../commands/command-table.ts";
import type { CommandSpec, Completes, OptionSpec } from "../commands/option-spec.ts";

export function fishCompletion(): string {
  const names = commandTable.map(({ name }) => name).join(" ");
  return `# fish completion for tftp-driver. Written by: tftp-driver completion fish
complete -c tftp-driver -f
set -l commands ${names}
${commandTable.map(commandLine).join("")}${globalOptions
    .map((option) => optionLine('"not __fish_seen_subcommand_from $commands"', option))
    .join("")}${commandTable.map(optionLines).join("")}`;
}

function commandLine({ name, summary }: CommandSpec): string {
  return `complete -c tftp-driver -n "not __fish_seen_subcommand_from $commands" -a ${name} -d ${quote(summary)}\n`;
}

function optionLines({ name, options, completes }: CommandSpec): string {
  const condition = quote(`__fish_seen_subcommand_from ${name}`);
  const argument =
    completes === undefined ? "" : `complete -c tftp-driver -n ${condition} ${action(completes).join(" ")}\n`;
  return argument + options.map((option) => optionLine(condition, option)).join("");
}

function optionLine(condition: string, { name, short, value, completes, summary }: OptionSpec): string {
  const names = [...(short === undefined ? [] : [`-s ${short}`]), `-l ${name}`];
  const takes = value === undefined ? [] : valueAction(completes);
  return `complete -c tftp-driver -n ${condition} ${[...names, ...takes, `-d ${quote(summary)}`].join(" ")}\n`;
}

/** -r: the next word is its value; -x: and it is no file. */
function valueAction(completes: Completes | undefined): string[] {
  if (completes === undefined) return ["-x"];
  return [completes === "file" ? "-r" : "-x", ...action(completes)];
}

function action(completes: Completes): string[] {
  if (completes === "file") return ["-F"];
  if (completes === "directory") return ["-a", quote("(__fish_complete_directories)")];
  return ["-a", quote(completes.join(" "))];
}

function quote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`;
}
