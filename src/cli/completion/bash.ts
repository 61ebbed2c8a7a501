import { commandTable, globalOptions } from "../commands/command-table.ts";
import type { CommandSpec, Completes, OptionSpec } from "../commands/option-spec.ts";

/** Needs nothing but bash itself, not the package bash-completion. */
export function bashCompletion(): string {
  const names = commandTable.map(({ name }) => name);
  return `# bash completion for tftp-driver. Written by: tftp-driver completion bash
_tftp_driver() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words="" kind=""
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words="${[...names, ...words(globalOptions)].join(" ")}"
  else
    case \${COMP_WORDS[1]} in
${commandTable.map(commandCase).join("")}    esac
  fi
  case $kind in
    directory) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    none) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
  esac
}
complete -o filenames -F _tftp_driver tftp-driver
`;
}

function commandCase({ name, options, completes }: CommandSpec): string {
  return `      ${name})
        case $previous in
${options.map(valueCase).join("")}          *)
            if [[ $current == -* ]]; then
              words="${words(options).join(" ")}"
            else
              ${action(completes)}
            fi
            ;;
        esac
        ;;
`;
}

/** What completes the word after an option that takes a value. */
function valueCase({ name, short, value, completes }: OptionSpec): string {
  if (value === undefined) return "";
  const pattern = short === undefined ? `--${name}` : `-${short} | --${name}`;
  return `          ${pattern}) ${action(completes)} ;;\n`;
}

function action(completes: Completes | undefined): string {
  if (completes === undefined) return "kind=none";
  return typeof completes === "string" ? `kind=${completes}` : `words="${completes.join(" ")}"`;
}

function words(options: readonly OptionSpec[]): string[] {
  return options.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}
