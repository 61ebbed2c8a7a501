import { isIP } from "node:net";
import { check, type OptionRule } from "../../contract/options/option-rules.ts";
import { serverOptions } from "../../contract/options/option-table.ts";
import type { TftpOptions } from "../../contract/options/options.ts";
import { parsePorts, type PortsPolicy } from "../../contract/options/ports.ts";
import type { Flags } from "../commands/flags.ts";
import { parsePort, parseSize, refuseSurplus, wholeNumber } from "../commands/values.ts";
import { UsageError } from "../usage-error.ts";
import { parseViewFlags, type ViewFlags } from "./view/view-flags.ts";

export interface ServeCommand extends ViewFlags {
  readonly name: "serve";
  /** The library's options, as far as they were typed or are in the environment. They override the file. */
  readonly options: TftpOptions;
  /** Create the directory to serve if it does not exist. */
  readonly create?: boolean;
  /** The configuration file. */
  readonly config?: string;
  /** Print the options in effect and exit. */
  readonly check?: boolean;
  /** Whom to become once the port is bound: NAME[:GROUP]. */
  readonly user?: string;
  /** Lines to print at the start. */
  readonly notes?: readonly string[];
}

/**
 * @throws {UsageError}
 * @throws {TftpError} INVALID_OPTION
 */
export function parseServe(flags: Flags, env: NodeJS.ProcessEnv): ServeCommand {
  const [directory, ...surplus] = flags.positionals;
  refuseSurplus(surplus, "serve: expected at most one directory");
  if (directory === "") throw new UsageError("serve: expected a directory, got an empty argument");
  const views = parseViewFlags(flags);
  const { host, notes } = chooseHost(flags.list("host"), env);
  const config = flags.text("config");
  const user = flags.text("user");
  return {
    name: "serve",
    ...views,
    options: { ...(directory !== undefined && { rootDir: directory }), ...host, ...libraryOptions(flags, env) },
    ...(flags.isSet("create") && { create: true }),
    ...(flags.isSet("check") && { check: true }),
    ...(config !== undefined && { config }),
    ...(user !== undefined && { user }),
    ...(notes.length > 0 && { notes }),
  };
}

/** The options that go to the library as they are, but for their names. */
function libraryOptions(flags: Flags, env: NodeJS.ProcessEnv): TftpOptions {
  const {
    waitForAddress,
    bindDevice,
    transport,
    ports,
    allow,
    deny,
    maxBlockSize,
    maxWindowSize,
    windowBytes,
    readAheadBytes,
  } = serverOptions;
  const port = flags.text("port");
  const portOfEnvironment = env["PORT"] === "" ? undefined : env["PORT"];
  const chosen = port === undefined ? portOfEnvironment : port;
  return {
    ...(chosen !== undefined && { port: parsePort(port === undefined ? "PORT" : "--port", chosen) }),
    ...given(flags.text("wait-for-address"), "waitForAddress", (text) =>
      check("--wait-for-address", text === "true" ? true : wholeNumber(text), waitForAddress),
    ),
    ...given(flags.text("bind-device"), "bindDevice", (text) => check("--bind-device", text, bindDevice)),
    ...given(flags.text("transport"), "transport", (text) => check("--transport", text, transport)),
    ...given(flags.text("ports"), "ports", (text) => check("--ports", parsePorts(text), ofCommandLine(ports))),
    ...given(flags.list("allow"), "allow", (list) => check("--allow", list, allow)),
    ...given(flags.list("deny"), "deny", (list) => check("--deny", list, deny)),
    ...(flags.isSet("require-world-readable") && { requireWorldReadable: true }),
    ...given(flags.text("block-size-max"), "maxBlockSize", number("--block-size-max", maxBlockSize)),
    ...given(flags.text("window-max"), "maxWindowSize", number("--window-max", maxWindowSize)),
    ...given(flags.text("window-bytes"), "windowBytes", (text) =>
      check("--window-bytes", parseSize(text), windowBytes),
    ),
    ...given(flags.text("read-ahead"), "readAheadBytes", (text) =>
      check("--read-ahead", parseSize(text), readAheadBytes),
    ),
  };
}

/** In the words of what was typed. */
function ofCommandLine(rule: OptionRule<PortsPolicy>): OptionRule<PortsPolicy> {
  return { ...rule, expected: "own, single, or a range of ports from 1 to 65535, such as 50000-50100" };
}

function number<Value>(option: string, rule: OptionRule<Value>): (text: string) => Value {
  return (text) => check(option, wholeNumber(text), rule);
}

/** Nothing for an option that was not given. */
function given<Raw, Name extends string, Value>(
  raw: Raw | undefined,
  name: Name,
  parse: (raw: Raw) => Value,
): { [Key in Name]?: Value } {
  return raw === undefined ? {} : ({ [name]: parse(raw) } as { [Key in Name]?: Value });
}

/**
 * Some shells and build tools export the machine's name or kind as HOST: what is no address was not meant for a server.
 */
function chooseHost(
  typed: readonly string[] | undefined,
  { HOST }: NodeJS.ProcessEnv,
): { host: Pick<TftpOptions, "host">; notes: string[] } {
  if (typed !== undefined) {
    const [only, ...more] = typed;
    const host = more.length === 0 && only !== undefined ? only : typed;
    return { host: { host: check("--host", host, serverOptions.host) }, notes: [] };
  }
  if (HOST === undefined || HOST === "") return { host: {}, notes: [] };
  if (isIP(HOST.replace(/%.*/, "")) !== 0) return { host: { host: HOST }, notes: [] };
  return { host: {}, notes: [`the environment's HOST is ignored: ${JSON.stringify(HOST)} is no numeric address`] };
}
