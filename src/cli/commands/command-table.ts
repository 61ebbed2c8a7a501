import type { CommandSpec, OptionSpec } from "./option-spec.ts";
import { common } from "./specs/common.ts";
import { completion } from "./specs/completion.ts";
import { explain } from "./specs/explain.ts";
import { exporter } from "./specs/export.ts";
import { get } from "./specs/get.ts";
import { help } from "./specs/help.ts";
import { serve } from "./specs/serve.ts";
import { shell } from "./specs/shell.ts";

/** All commands: what help, completion, the man page and the parser are made of. */
export const commandTable: readonly CommandSpec[] = [serve, get, explain, exporter, shell, completion, help];

/** The options without a command. */
export const globalOptions: readonly OptionSpec[] = common;

export function findCommand(name: string): CommandSpec | undefined {
  return commandTable.find((command) => command.name === name);
}
