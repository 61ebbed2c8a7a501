import { parseArgs } from "node:util";
import { UsageError } from "../usage-error.ts";
import { didYouMean } from "./did-you-mean.ts";
import type { CommandSpec, OptionSpec } from "./option-spec.ts";

type Value = string | boolean | (string | boolean)[] | undefined;

/** The options and arguments of one command line, read by the table of options. */
export class Flags {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, Value>>;

  /** @throws {UsageError} */
  constructor({ name, options }: CommandSpec, args: readonly string[]) {
    try {
      const parsed = parseArgs({ args: [...args], options: configOf(options), allowPositionals: true });
      this.#values = parsed.values;
      this.positionals = parsed.positionals;
    } catch (error) {
      throw new UsageError(complaint(error as Error, name, options));
    }
  }

  isSet(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }

  /** The values of an option that may be repeated, each of them a list with commas; undefined without the option. */
  list(name: string): string[] | undefined {
    const value = this.#values[name];
    if (!Array.isArray(value)) return undefined;
    return value.flatMap((each) => String(each).split(",")).map((each) => each.trim());
  }
}

type ParserOption = { type: "string" | "boolean"; short?: string; multiple?: boolean };

function configOf(options: readonly OptionSpec[]): Record<string, ParserOption> {
  const entries = options.map(({ name, short, value, multiple }) => {
    const type = value === undefined ? ("boolean" as const) : ("string" as const);
    return [name, { type, ...(short !== undefined && { short }), ...(multiple && { multiple }) }] as const;
  });
  return Object.fromEntries(entries);
}

/** One line in place of Node's sentences, which advise to use `--`. */
function complaint(error: Error & { code?: string }, command: string, options: readonly OptionSpec[]): string {
  const [, quoted = ""] = /'([^']+)'/.exec(error.message) ?? [];
  if (error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const known = options.map(({ name }) => `--${name}`);
    const hint = didYouMean(quoted, known) || `; see tftp-driver ${command} --help`;
    return `${command}: unknown option ${quoted}${hint}`;
  }
  if (error.code === "ERR_PARSE_ARGS_INVALID_OPTION_VALUE") {
    const spec = options.find(({ name }) => new RegExp(`--${name}\\b(?!-)`).test(quoted));
    const option = spec ? `--${spec.name}` : quoted;
    return spec?.value === undefined ? `${option}: expected no value` : `${option}: expected ${spec.value} after it`;
  }
  return error.message.split(". ")[0] as string;
}
