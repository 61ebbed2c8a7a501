import type { ControllerConfig } from "./controller-config.ts";
import type { ServerConfig } from "./server-config.ts";

/** A pino-shaped logger: an object of details first, then the message. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Every property may be left out, or be undefined, which means the same. */
export type Optional<Config> = { readonly [Name in keyof Config]?: Config[Name] | undefined };

/** The options of `new Tftp()`; all of them may be left out. */
export interface TftpOptions extends Optional<ServerConfig>, Optional<ControllerConfig> {
  /** Gets every event, with a level and a message. Default: nothing is logged. */
  readonly logger?: Logger | undefined;
}

/** The options that may change while the server runs. */
export const reloadableNames = [
  "maxBlockSize",
  "maxWindowSize",
  "windowBytes",
  "retransmitMs",
  "maxRetries",
  "maxSilenceMs",
  "maxTransfers",
  "maxTransfersPerClient",
  "ports",
  "allow",
  "deny",
  "requireWorldReadable",
  "rules",
] as const;

/** The options of `tftp.reconfigure()`; what is left out stays as it is. */
export type ReloadableOptions = Optional<ReloadableConfig>;

/** The same, validated. */
export type ReloadableConfig = Pick<ServerConfig, (typeof reloadableNames)[number]>;

/** Validated options, divided by the thread that needs them. */
export interface ResolvedOptions {
  readonly server: ServerConfig;
  readonly controller: ControllerConfig;
  readonly logger: Logger | undefined;
}
