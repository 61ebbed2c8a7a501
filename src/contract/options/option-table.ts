import { rules } from "../rules/check-rules.ts";
import { device, hosts, wait } from "./host-spec.ts";
import {
  addressRanges,
  boolean,
  fileLocation,
  integer,
  journal,
  oneOf,
  type OptionRule,
  optional,
  path,
  ports,
  source,
  wordOr,
  zeroOr,
} from "./option-rules.ts";
import type { ControllerConfig } from "./controller-config.ts";
import type { ServerConfig } from "./server-config.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

/** Default and range of each option that the worker gets. */
export const serverOptions: { readonly [Name in keyof ServerConfig]: OptionRule<ServerConfig[Name]> } = {
  rootDir: path("/var/lib/tftpboot"),
  host: hosts(),
  port: integer(69, 0, 65_535),
  waitForAddress: wait(),
  bindDevice: device(),
  socketFd: optional(integer(0, 0, 2_147_483_647)),
  ports: ports(),
  maxBlockSize: wordOr("mtu", integer(65_464, 8, 65_464)),
  maxWindowSize: integer(64, 1, 65_535),
  windowBytes: zeroOr(integer(0, 8, 4 * GIB)),
  retransmitMs: integer(1_000, 10, 255_000),
  maxRetries: integer(8, 0, 100),
  maxSilenceMs: integer(120_000, 1_000, 86_400_000),
  maxTransfers: integer(4_096, 1, 65_535),
  maxTransfersPerClient: integer(1_024, 1, 65_535),
  allow: addressRanges("0.0.0.0/0", "::/0"),
  deny: addressRanges(),
  symlinks: oneOf("inside", "follow", "deny"),
  requireWorldReadable: boolean(false),
  rules: rules(),
  transport: oneOf("auto", "dgram", "native"),
  readAheadBytes: integer(64 * MIB, MIB, 4 * GIB),
  handlerTimeoutMs: integer(3_000, 10, 60_000),
  handlerMemoryBytes: integer(256 * MIB, MIB, 16 * GIB),
  source: source(),
  sourceTimeoutMs: integer(10_000, 100, 600_000),
  cacheDir: optional(path("")),
  cacheMaxBytes: integer(8 * GIB, MIB, Number.MAX_SAFE_INTEGER),
};

/** The same for the options that stay in the caller's thread. */
export const controllerOptions: { readonly [Name in keyof ControllerConfig]: OptionRule<ControllerConfig[Name]> } = {
  removeCreatedOnClose: boolean(true),
  journal: journal(),
  stopGraceMs: integer(10_000, 0, 3_600_000),
  startTimeoutMs: integer(30_000, 1, 3_600_000),
  restart: oneOf("on-crash", "never"),
  workerHeapBytes: integer(512 * MIB, 32 * MIB, 64 * GIB),
  watchdogMs: zeroOr(integer(10_000, 100, 3_600_000)),
  historySize: integer(1_000, 0, 1_000_000),
  workerUrl: optional(fileLocation()),
  storeUrl: optional(fileLocation()),
};

/** The range of each argument of a call that is not an option. The fallbacks are not used. */
export const callArguments: Readonly<Record<"timeoutMs" | "limit", OptionRule<number>>> = {
  /** As far as timers reach. */
  timeoutMs: integer(0, 1, 2_147_483_647),
  limit: integer(0, 0, Number.MAX_SAFE_INTEGER),
};

/** The names of all options that are plain data: what a configuration file may hold. */
export const plainOptionNames: readonly (keyof ServerConfig | keyof ControllerConfig)[] = [
  ...keysOf(serverOptions),
  ...keysOf(controllerOptions),
];

export function keysOf<Table extends object>(table: Table): (keyof Table & string)[] {
  return Object.keys(table) as (keyof Table & string)[];
}
