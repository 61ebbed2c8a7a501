import { parseArgs, type ParseArgsConfig } from "node:util";
import type { TcpAddress } from "../shared/listen-tcp.ts";
import { parseTftpUrl, type TftpUrl } from "./get/tftp-url.ts";
import { UsageError } from "./usage-error.ts";

export interface ServeCommand {
  readonly name: "serve";
  readonly directory?: string;
  readonly host?: string;
  readonly port?: number;
  readonly json: boolean;
  /** Print lines on a terminal too, instead of the screen. */
  readonly plain?: boolean;
  /** The TCP port of the dashboard; 0 for any free one. */
  readonly openUi?: number;
  /** The configuration file. Flags override it. */
  readonly config?: string;
  /** Print the options in effect and exit. */
  readonly check?: boolean;
  readonly metrics?: TcpAddress;
}

export interface GetCommand {
  readonly name: "get";
  readonly url: TftpUrl;
  /** "-" is stdout. */
  readonly out: string;
}

export type Command = ServeCommand | GetCommand | { readonly name: "help" } | { readonly name: "version" };

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): Command {
  const [command, ...rest] = args;
  switch (command) {
    case "serve":
      return parseServe(rest);
    case "get":
      return parseGet(rest);
    case "--help":
    case "-h":
    case "help":
      return { name: "help" };
    case "--version":
    case "-v":
      return { name: "version" };
    case undefined:
      throw new UsageError("expected a command, serve or get; see tftp-driver --help");
    default:
      throw new UsageError(`expected a command, serve or get, not ${JSON.stringify(command)}`);
  }
}

function parseServe(args: readonly string[]): Command {
  const { values, positionals } = parse(args, {
    host: { type: "string" },
    port: { type: "string" },
    json: { type: "boolean" },
    plain: { type: "boolean" },
    "open-ui": { type: "string" },
    config: { type: "string" },
    check: { type: "boolean" },
    "metrics-port": { type: "string" },
    "metrics-host": { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return { name: "help" };
  const [directory, ...surplus] = positionals;
  refuse(surplus, "serve: expected at most one directory");
  const { host, port, config, json = false, plain = false, check = false, "open-ui": openUi } = values;
  if (json && plain) throw new UsageError("--json and --plain: expected only one of them");
  const metrics = parseMetrics(values["metrics-port"], values["metrics-host"]);
  return {
    name: "serve",
    json,
    ...(check && { check }),
    ...(config !== undefined && { config }),
    ...(metrics && { metrics }),
    ...(directory !== undefined && { directory }),
    ...(host !== undefined && { host }),
    ...(plain && { plain }),
    ...(port !== undefined && { port: parsePort("--port", port) }),
    ...(openUi !== undefined && { openUi: parsePort("--open-ui", openUi) }),
  };
}

function parseGet(args: readonly string[]): Command {
  const { values, positionals } = parse(args, {
    output: { type: "string", short: "o" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return { name: "help" };
  const [text, ...surplus] = positionals;
  if (text === undefined) throw new UsageError("get: expected tftp://HOST[:PORT]/FILE");
  refuse(surplus, "get: expected one URL");
  const url = parseTftpUrl(text);
  return { name: "get", url, out: parseOutput(values.output ?? baseName(url.file)) };
}

function parse<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node appends advice on `--`, which does not apply here.
    throw new UsageError((error as Error).message.split(". ")[0]);
  }
}

function parseMetrics(port: string | undefined, host: string | undefined): TcpAddress | undefined {
  if (port !== undefined) return { host: host ?? "127.0.0.1", port: parsePort("--metrics-port", port) };
  if (host !== undefined) throw new UsageError("--metrics-host: expected --metrics-port too");
  return undefined;
}

function parsePort(option: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${option}: expected a whole number from 0 to 65535, got ${JSON.stringify(text)}`);
}

function parseOutput(out: string): string {
  if (out !== "") return out;
  throw new UsageError("-o: expected a file name, or - for stdout");
}

function baseName(file: string): string {
  const name = file.split("/").at(-1) as string;
  if (/^(\.{0,2}|-)$/.test(name))
    throw new UsageError(`get: ${JSON.stringify(file)} has no base name; name the output with -o OUT`);
  return name;
}

function refuse(surplus: readonly string[], rule: string): void {
  if (surplus.length > 0) throw new UsageError(`${rule}, got also ${JSON.stringify(surplus[0])}`);
}
