import { isAddressRange } from "./address-range.ts";
import { TftpError } from "./errors.ts";

/** Which symbolic links under the root are served: those that stay "inside" it, all ("follow"), or none ("deny"). */
export type SymlinkPolicy = "inside" | "follow" | "deny";

/** What becomes of a server whose thread died: it is started again on the same host and port, or never. */
export type RestartPolicy = "on-crash" | "never";

/**
 * An object store instead of `rootDir`: the name of an OpenDAL service ("s3", "gcs", "azblob", "webdav", "http", "fs",
 * "memory", …), and what that service wants to know; see OpenDAL's documentation. It ignores names that it does not know.
 */
export interface SourceConfig {
  readonly scheme: string;
  readonly [name: string]: string | number | boolean;
}

/** What the worker gets: every option, validated, and plain data only. */
export interface ServerConfig {
  /**
   * The served directory. Created if missing. A relative path, here and in `cacheDir` and `journal`, is resolved once, by
   * `new Tftp()`. Default "/var/lib/tftpboot".
   */
  readonly rootDir: string;
  /** Numeric address to bind; "" (the default) means the default route's address. */
  readonly host: string;
  /** UDP port, 0 to 65535; 0 takes any free one. Default 69. */
  readonly port: number;
  /** The most that `blksize` grants (RFC 2348), in bytes, 8 to 65464. Default 65464. */
  readonly maxBlockSize: number;
  /** The most that `windowsize` grants (RFC 7440), in blocks, 1 to 65535. Default 64. */
  readonly maxWindowSize: number;
  /** Silence before the first retransmission, in ms, 10 to 255000; doubles up to 8 s. Default 1000. */
  readonly retransmitMs: number;
  /** Retransmissions before a silent client is given up, 0 to 100. Default 8. */
  readonly maxRetries: number;
  /**
   * How long a client that has acknowledged something may acknowledge nothing more until it is given up, in ms, 1000 to
   * 86400000, whatever `retransmitMs`, `maxRetries` and a negotiated timeout allow. Default 120000.
   */
  readonly maxSilenceMs: number;
  /**
   * Transfers at once, 1 to 65535. A request over it takes the place of the transfer that has been without any ACK for the
   * longest, which ends as "evicted"; if there is none, the request is dropped and counted. Default 4096.
   */
  readonly maxTransfers: number;
  /** The same for one client: an IPv4 address, or an IPv6 network of 64 bits. Default 1024. */
  readonly maxTransfersPerClient: number;
  /**
   * Who may ask: IPv4 and IPv6 addresses and CIDR ranges, such as "192.168.1.0/24". Whoever is in none of them gets no
   * answer, and is counted as "denied". Default everybody.
   */
  readonly allow: readonly string[];
  /** Who may not, also where `allow` says that they may. Default nobody. */
  readonly deny: readonly string[];
  /** Default "inside". */
  readonly symlinks: SymlinkPolicy;
  /** How datagrams leave: Node's dgram, Linux system calls, or the best that works here. Default "auto". */
  readonly transport: "auto" | "dgram" | "native";
  /** Memory for blocks read ahead, shared by all transfers, in bytes, 1 MiB to 4 GiB. Default 64 MiB. */
  readonly readAheadBytes: number;
  /** How long the handler of a virtual file may take, in ms, 10 to 60000; then the client gets ERROR 0. Default 3000. */
  readonly handlerTimeoutMs: number;
  /**
   * Memory for bytes that handlers of virtual files return, over all transfers that send them and what is kept for repeats,
   * in bytes, 1 MiB to 16 GiB; an answer over it is refused as "handler-error". Default 256 MiB.
   */
  readonly handlerMemoryBytes: number;
  /** Serve from an object store. Needs the npm package opendal. Default: `rootDir` is served. */
  readonly source: SourceConfig | undefined;
  /** How long one request to the source may take, in ms, 100 to 600000. Default 10000. */
  readonly sourceTimeoutMs: number;
  /** Keep what was fetched from the source in this directory; servers may share it. Created if missing. Default: nowhere. */
  readonly cacheDir: string | undefined;
  /** How big it may grow, in bytes, 1 MiB to 2^53 - 1; what was unused the longest goes. Default 8 GiB. */
  readonly cacheMaxBytes: number;
}

/** The options that may change while the server runs. */
export const reloadableNames = [
  "maxBlockSize",
  "maxWindowSize",
  "retransmitMs",
  "maxRetries",
  "maxSilenceMs",
  "maxTransfers",
  "maxTransfersPerClient",
  "allow",
  "deny",
] as const;
export type ReloadableOptions = Pick<ServerConfig, (typeof reloadableNames)[number]>;

/** What only the controlling side needs. */
export interface ControllerConfig {
  /** close() removes what storage created. Default true. */
  readonly removeCreatedOnClose: boolean;
  /**
   * Keep a journal of what storage makes, so that after a crash of this process the next start removes it. Default true:
   * in systemd's STATE_DIRECTORY, else in tftp-driver/ under XDG_STATE_HOME or ~/.local/state, else under the temporary
   * directory. A path: in that directory. It must not be under rootDir.
   */
  readonly journal: boolean | string;
  /** How long stop() lets running transfers go on, in ms. Default 10000. */
  readonly stopGraceMs: number;
  /** How long start() may take, in ms. Default 5000. */
  readonly startTimeoutMs: number;
  /** Default "on-crash": after 100 ms, then twice as long each time, at most five times in a minute. */
  readonly restart: RestartPolicy;
  /**
   * The most that the thread's JavaScript heap may take, in MiB, 32 to 65536; over it the thread dies, not the process.
   * Blocks read ahead (`readAheadBytes`) come on top of it. Default 512.
   */
  readonly workerMemoryMb: number;
  /**
   * For how long the thread's event loop may not come round, in ms of the caller's own waking time, 100 to 3600000; then
   * the thread is ended and restarted like one that crashed (WORKER_HUNG). 0: for ever. Default 10000.
   */
  readonly watchdogMs: number;
  /** How many ended transfers history() remembers, 0 to 1000000. Default 1000. */
  readonly historySize: number;
}

/** A pino-shaped logger: an object of details first, then the message. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** The options of `new Tftp()`; all of them may be left out. */
export interface TftpOptions extends Partial<ServerConfig>, Partial<ControllerConfig> {
  /** Gets what the server has to say. Default: nothing is logged. */
  readonly logger?: Logger;
}

/** Validated options, parted by who needs them. */
export interface ResolvedOptions {
  readonly server: ServerConfig;
  readonly controller: ControllerConfig;
  readonly logger: Logger | undefined;
}

interface Rule<Value> {
  readonly fallback: Value;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  readonly accepts: (value: unknown) => value is Value;
}

const MIB = 1024 * 1024;

const serverRules: { [Name in keyof ServerConfig]: Rule<ServerConfig[Name]> } = {
  rootDir: path("/var/lib/tftpboot"),
  host: {
    fallback: "",
    expected: 'a numeric IPv4 or IPv6 address, or ""',
    // Which addresses can be bound is for the operating system to say; only what cannot be one is refused here.
    accepts: (value): value is string =>
      typeof value === "string" && (value === "" || /^[0-9a-f.:]+(%[\w.-]+)?$/i.test(value)),
  },
  port: integer(69, 0, 65_535),
  maxBlockSize: integer(65_464, 8, 65_464),
  maxWindowSize: integer(64, 1, 65_535),
  retransmitMs: integer(1_000, 10, 255_000),
  maxRetries: integer(8, 0, 100),
  maxSilenceMs: integer(120_000, 1_000, 86_400_000),
  maxTransfers: integer(4_096, 1, 65_535),
  maxTransfersPerClient: integer(1_024, 1, 65_535),
  allow: addressRanges("0.0.0.0/0", "::/0"),
  deny: addressRanges(),
  symlinks: oneOf("inside", "follow", "deny"),
  transport: oneOf("auto", "dgram", "native"),
  readAheadBytes: integer(64 * MIB, MIB, 4_096 * MIB),
  handlerTimeoutMs: integer(3_000, 10, 60_000),
  handlerMemoryBytes: integer(256 * MIB, MIB, 16_384 * MIB),
  source: {
    fallback: undefined,
    expected: "an object with a scheme and the options of that service, all of them strings, numbers or booleans",
    accepts: isSource,
  },
  sourceTimeoutMs: integer(10_000, 100, 600_000),
  cacheDir: optional(path("")),
  cacheMaxBytes: integer(8_192 * MIB, MIB, Number.MAX_SAFE_INTEGER),
};

const controllerRules: { [Name in keyof ControllerConfig]: Rule<ControllerConfig[Name]> } = {
  removeCreatedOnClose: {
    fallback: true,
    expected: "true or false",
    accepts: (value): value is boolean => typeof value === "boolean",
  },
  journal: {
    fallback: true,
    expected: "true, false or the path of a directory",
    accepts: (value): value is boolean | string => typeof value === "boolean" || path("").accepts(value),
  },
  stopGraceMs: integer(10_000, 0, 3_600_000),
  startTimeoutMs: integer(5_000, 1, 3_600_000),
  restart: oneOf("on-crash", "never"),
  workerMemoryMb: integer(512, 32, 65_536),
  watchdogMs: {
    fallback: 10_000,
    expected: "0, or a whole number from 100 to 3600000",
    accepts: (value): value is number => value === 0 || integer(0, 100, 3_600_000).accepts(value),
  },
  historySize: integer(1_000, 0, 1_000_000),
};

const argumentRules: Record<"timeoutMs" | "limit", Rule<number>> = {
  /** As far as timers reach. */
  timeoutMs: integer(0, 1, 2_147_483_647),
  limit: integer(0, 0, Number.MAX_SAFE_INTEGER),
};

/**
 * Validates the options and fills in the defaults.
 * @throws {TftpError} INVALID_OPTION, naming the option, what was expected, and the value.
 */
export function resolveOptions(options: TftpOptions = {}): ResolvedOptions {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TftpError("INVALID_OPTION", `options: expected an object, got ${show(options)}`);
  }
  const known = [...Object.keys(serverRules), ...Object.keys(controllerRules), "logger"];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TftpError("INVALID_OPTION", `${name}: expected one of ${known.join(", ")}; there is no such option`);
    }
  }
  const server = apply(serverRules, options);
  if (server.cacheDir !== undefined && server.source === undefined) {
    throw new TftpError(
      "INVALID_OPTION",
      `cacheDir: expected only where source is given, got ${show(server.cacheDir)}`,
    );
  }
  return {
    server,
    controller: apply(controllerRules, options),
    logger: checkLogger(options.logger),
  };
}

/** The names of all options that are plain data: what a configuration file may hold. */
export const plainOptionNames: readonly (keyof ServerConfig | keyof ControllerConfig)[] = [
  ...keysOf(serverRules),
  ...keysOf(controllerRules),
];

/**
 * Validates options for `reconfigure`; those that are left out stay so.
 * @throws {TftpError} INVALID_OPTION, also for an option that cannot change while the server runs.
 */
export function checkReloadable(options: Partial<ReloadableOptions>): Partial<ReloadableOptions> {
  for (const [name, value] of Object.entries(options) as [keyof ReloadableOptions, unknown][]) {
    if (!reloadableNames.includes(name)) {
      throw new TftpError(
        "INVALID_OPTION",
        `${name}: expected one of ${reloadableNames.join(", ")}; it cannot change while the server runs`,
      );
    }
    check<unknown>(name, value, serverRules[name]);
  }
  return { ...options };
}

/**
 * Validates the grace of one stop(), in ms; by the rule of `stopGraceMs`.
 * @throws {TftpError} INVALID_OPTION
 */
export function checkGrace(graceMs: unknown): number {
  return check("graceMs", graceMs, controllerRules.stopGraceMs);
}

/**
 * Validates an argument of a call; undefined where it was left out.
 * @throws {TftpError} INVALID_OPTION
 */
export function checkArgument(name: "timeoutMs" | "limit", value: unknown): number | undefined {
  return value === undefined ? undefined : check(name, value, argumentRules[name]);
}

function apply<Config extends object>(
  rules: { [Name in keyof Config]: Rule<Config[Name]> },
  options: Partial<Config>,
): Config {
  const config = {} as Config;
  for (const name of keysOf(rules)) {
    const value: unknown = options[name];
    config[name] = value === undefined ? rules[name].fallback : check(name, value, rules[name]);
  }
  return config;
}

function keysOf<Rules extends object>(rules: Rules): (keyof Rules & string)[] {
  return Object.keys(rules) as (keyof Rules & string)[];
}

function check<Value>(name: string, value: unknown, { expected, accepts }: Rule<Value>): Value {
  if (accepts(value)) return value;
  throw new TftpError("INVALID_OPTION", `${name}: expected ${expected}, got ${show(value)}`);
}

function checkLogger(logger: Logger | undefined): Logger | undefined {
  const levels = ["debug", "info", "warn", "error"] as const;
  if (logger === undefined || levels.every((level) => typeof logger?.[level] === "function")) return logger;
  throw new TftpError("INVALID_OPTION", `logger: expected functions ${levels.join(", ")}, got ${show(logger)}`);
}

function integer(fallback: number, low: number, high: number): Rule<number> {
  return {
    fallback,
    expected: `a whole number from ${low} to ${high}`,
    accepts: (value): value is number => Number.isInteger(value) && Number(value) >= low && Number(value) <= high,
  };
}

function path(fallback: string): Rule<string> {
  return {
    fallback,
    expected: "a path, as a non-empty string without NUL",
    accepts: (value): value is string => typeof value === "string" && value !== "" && !value.includes("\0"),
  };
}

function optional<Value>({ expected, accepts }: Rule<Value>): Rule<Value | undefined> {
  return { fallback: undefined, expected, accepts };
}

function isSource(value: unknown): value is SourceConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { scheme } = value as { scheme?: unknown };
  const plain = Object.values(value).every((entry) => ["string", "number", "boolean"].includes(typeof entry));
  return typeof scheme === "string" && scheme !== "" && plain;
}

function oneOf<const Words extends readonly [string, ...string[]]>(...words: Words): Rule<Words[number]> {
  return {
    fallback: words[0],
    expected: words.map((word) => `"${word}"`).join(" or "),
    accepts: (value): value is Words[number] => words.includes(value as string),
  };
}

function addressRanges(...fallback: readonly string[]): Rule<readonly string[]> {
  return {
    fallback,
    expected: 'an array of addresses and CIDR ranges, such as "192.168.1.17" or "192.168.1.0/24"',
    accepts: (value): value is readonly string[] => Array.isArray(value) && value.every(isAddressRange),
  };
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
