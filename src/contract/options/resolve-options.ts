import { TftpError } from "../errors.ts";
import { check, type OptionRule } from "./option-rules.ts";
import { callArguments, controllerOptions, keysOf, plainOptionNames, serverOptions } from "./option-table.ts";
import {
  type Logger,
  type Optional,
  type ReloadableConfig,
  reloadableNames,
  type ReloadableOptions,
  type ResolvedOptions,
  type TftpOptions,
} from "./options.ts";
import type { ServerConfig } from "./server-config.ts";
import { showValue } from "../text/show-value.ts";

/**
 * Validates the options and fills in the defaults; undefined means the default.
 * @throws {TftpError} INVALID_OPTION, naming the option, what was expected, and the value.
 */
export function resolveOptions(options: TftpOptions = {}): ResolvedOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TftpError("INVALID_OPTION", `options: expected an object, got ${showValue(options)}`);
  }
  assertKnown(options, [...plainOptionNames, "logger"], "there is no such option");
  const server = apply(serverOptions, options);
  if (server.bindDevice !== undefined && server.transport === "dgram") {
    const got = showValue(server.bindDevice);
    throw new TftpError("INVALID_OPTION", `bindDevice: expected only with the native transport, got ${got} with dgram`);
  }
  if (server.cacheDir !== undefined && server.source === undefined) {
    throw new TftpError(
      "INVALID_OPTION",
      `cacheDir: expected only together with source, got ${showValue(server.cacheDir)}`,
    );
  }
  checkWorldReadable(server.requireWorldReadable, server);
  return { server, controller: apply(controllerOptions, options), logger: checkLogger(options.logger) };
}

/**
 * Objects have no permissions.
 * @throws {TftpError} INVALID_OPTION
 */
export function checkWorldReadable(isRequired: boolean | undefined, { source }: Pick<ServerConfig, "source">): void {
  if (isRequired !== true || source === undefined) return;
  throw new TftpError("INVALID_OPTION", "requireWorldReadable: expected only without source, got true");
}

/**
 * Validates options for `reconfigure`; those that are left out, or undefined, stay as they are.
 * @throws {TftpError} INVALID_OPTION, also for an option that cannot change while the server runs.
 */
export function checkReloadable(options: ReloadableOptions): Partial<ReloadableConfig> {
  assertKnown(options, reloadableNames, "it cannot change while the server runs");
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) check<unknown>(name, value, serverOptions[name as keyof ReloadableOptions]);
  return Object.fromEntries(given);
}

/**
 * Validates the grace of one stop(), in ms, by the rule of `stopGraceMs`.
 * @throws {TftpError} INVALID_OPTION
 */
export function checkGrace(graceMs: unknown): number {
  return check("graceMs", graceMs, controllerOptions.stopGraceMs);
}

/**
 * Validates an argument of a call; undefined if it was left out.
 * @throws {TftpError} INVALID_OPTION
 */
export function checkArgument(name: keyof typeof callArguments, value: unknown): number | undefined {
  return value === undefined ? undefined : check(name, value, callArguments[name]);
}

function assertKnown(options: object, known: readonly string[], why: string): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new TftpError("INVALID_OPTION", `${name}: expected one of ${known.join(", ")}; ${why}`);
  }
}

function apply<Config extends object>(
  rules: { readonly [Name in keyof Config]: OptionRule<Config[Name]> },
  options: Optional<Config>,
): Config {
  const config = {} as Config;
  for (const name of keysOf(rules)) {
    const value: unknown = options[name];
    config[name] = value === undefined ? rules[name].fallback : check(name, value, rules[name]);
  }
  return config;
}

function checkLogger(logger: Logger | undefined): Logger | undefined {
  const levels = ["debug", "info", "warn", "error"] as const;
  if (logger === undefined || levels.every((level) => typeof logger?.[level] === "function")) return logger;
  throw new TftpError("INVALID_OPTION", `logger: expected functions ${levels.join(", ")}, got ${showValue(logger)}`);
}
