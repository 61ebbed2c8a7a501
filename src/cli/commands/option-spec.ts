/** What completes a word in a shell. */
export type Completes = "file" | "directory" | readonly string[];

/** One option of a command, as help, completion, the man page and the parser need it. */
export interface OptionSpec {
  /** Without the dashes. */
  readonly name: string;
  /** One letter, without the dash. */
  readonly short?: string;
  /** The placeholder of its value; without it the option is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: true;
  /** The environment variable that stands in for it. */
  readonly env?: string;
  readonly completes?: Completes;
  /** A phrase or two, without a full stop. */
  readonly summary: string;
}

/** One command. */
export interface CommandSpec {
  readonly name: string;
  /** Its arguments, as a usage line shows them. */
  readonly usage: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** Sentences. */
  readonly description: string;
  /** What completes its argument. */
  readonly completes?: Completes;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
}

/** `-p, --port PORT`, as help and the man page show it. */
export function optionLabel({ name, short, value }: OptionSpec): string {
  return `${short === undefined ? "" : `-${short}, `}--${name}${value === undefined ? "" : ` ${value}`}`;
}

/** The summary, with the environment variable if there is one. */
export function optionText({ summary, env }: OptionSpec): string {
  return env === undefined ? summary : `${summary} (environment: ${env})`;
}
