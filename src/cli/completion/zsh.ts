import { commandTable, globalOptions } from "../commands/command-table.ts";
import type { CommandSpec, Completes, OptionSpec } from "../commands/option-spec.ts";

/** Works from a directory of $fpath, and by `source` after compinit. */
export function zshCompletion(): string {
  return `#compdef tftp-driver
# zsh completion for tftp-driver. Written by: tftp-driver completion zsh
_tftp-driver() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C \\
${globalOptions.map((option) => `    ${specOf(option)} \\\n`).join("")}    '1:command:->command' \\
    '*::argument:->argument'
  case $state in
    command)
      local -a commands=(
${commandTable.map(({ name, summary }) => `        ${quote(`${name}:${summary}`)}\n`).join("")}      )
      _describe command commands
      ;;
    argument)
      case $line[1] in
${commandTable.map(commandCase).join("")}      esac
      ;;
  esac
}
if [[ $funcstack[1] == _tftp-driver ]]; then
  _tftp-driver "$@"
else
  compdef _tftp-driver tftp-driver
fi
`;
}

function commandCase({ name, options, completes }: CommandSpec): string {
  const specs = options.map((option) => `            ${specOf(option)} \\\n`).join("");
  return `        ${name})
          _arguments \\
${specs}            ${quote(`1:argument:${action(completes)}`)}
          ;;
`;
}

/** One line of _arguments: which options exclude each other, the option, its text, its value. */
function specOf({ name, short, value, multiple, completes, summary }: OptionSpec): string {
  const text = `[${summary.replaceAll(/[[\]\\]/g, String.raw`\$&`)}]`;
  const argument = value === undefined ? "" : `:${value.replaceAll(":", String.raw`\:`)}:${action(completes)}`;
  const names = [...(short === undefined ? [] : [`-${short}`]), `--${name}`];
  if (names.length === 1) return quote(`${multiple ? "*" : ""}--${name}${text}${argument}`);
  return `'(${names.join(" ")})'{${names.join(",")}}${quote(`${text}${argument}`)}`;
}

function action(completes: Completes | undefined): string {
  if (completes === undefined) return " ";
  if (completes === "directory") return "_files -/";
  return completes === "file" ? "_files" : `(${completes.join(" ")})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
