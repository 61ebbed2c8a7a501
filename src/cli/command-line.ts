import { commandTable, findCommand } from "./commands/command-table.ts";
import { isShell, type Shell } from "./commands/specs/completion.ts";
import { didYouMean } from "./commands/did-you-mean.ts";
import { Flags } from "./commands/flags.ts";
import type { CommandSpec } from "./commands/option-spec.ts";
import { type ExplainCommand, parseExplain } from "./explain/explain-command.ts";
import { type ExportCommand, parseExport, parseShell, type ShellCommand } from "./export/export-command.ts";
import { type GetCommand, parseGet } from "./get/get-command.ts";
import { parseServe, type ServeCommand } from "./serve/serve-command.ts";
import { UsageError } from "./usage-error.ts";

export type Command =
  | ServeCommand
  | GetCommand
  | ExplainCommand
  | ExportCommand
  | ShellCommand
  | { readonly name: "completion"; readonly shell: Shell }
  /** Of one command, or an overview. */
  | { readonly name: "help"; readonly topic?: string }
  | { readonly name: "version" };

type Parser = (flags: Flags, env: NodeJS.ProcessEnv) => Command;

const parsers: Readonly<Record<string, Parser>> = {
  serve: parseServe,
  get: parseGet,
  explain: parseExplain,
  export: parseExport,
  shell: parseShell,
  completion: parseCompletion,
  help: parseHelp,
};

/**
 * @param env The environment, for the options that it stands in for.
 * @throws {UsageError}
 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv = {}): Command {
  const [word, ...rest] = args;
  if (word === undefined) throw new UsageError(`expected ${commandNames()}; see tftp-driver --help`);
  if (word === "--help" || word === "-h") return { name: "help" };
  if (word === "--version" || word === "-v" || word === "-V") return { name: "version" };
  const spec = findCommand(word);
  const parser = parsers[word];
  if (!spec || !parser) throw unknownCommand(word);
  return parseOne(spec, parser, rest, env);
}

function parseOne(spec: CommandSpec, parser: Parser, args: readonly string[], env: NodeJS.ProcessEnv): Command {
  const flags = new Flags(spec, args);
  if (flags.isSet("help")) return { name: "help", topic: spec.name };
  if (flags.isSet("version")) return { name: "version" };
  return parser(flags, env);
}

function parseCompletion({ positionals }: Flags): Command {
  const [shell = "", ...surplus] = positionals;
  if (!isShell(shell) || surplus.length > 0) {
    const got = positionals.length > 0 ? `, got ${JSON.stringify(positionals.join(" "))}` : "";
    throw new UsageError(`completion: expected bash, zsh or fish${got}`);
  }
  return { name: "completion", shell };
}

function parseHelp({ positionals: [topic] }: Flags): Command {
  if (topic === undefined) return { name: "help" };
  if (!findCommand(topic)) throw unknownCommand(topic);
  return { name: "help", topic };
}

function commandNames(): string {
  const names = commandTable.map(({ name }) => name);
  return `a command: ${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function unknownCommand(word: string): UsageError {
  const names = commandTable.map(({ name }) => name);
  // A word with a dash is an option in front of the command.
  if (word.startsWith("-")) return new UsageError(`expected a command before ${word}; see tftp-driver --help`);
  return new UsageError(`expected ${commandNames()}, not ${JSON.stringify(word)}${didYouMean(word, names)}`);
}
