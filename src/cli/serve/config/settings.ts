import { isDeepStrictEqual } from "node:util";
import { type ReloadableConfig, reloadableNames, type TftpOptions } from "../../../contract/options/options.ts";
import { resolveOptions } from "../../../contract/options/resolve-options.ts";
import type { Tftp } from "../../../main/tftp.ts";
import type { AddedFile } from "../../../main/virtual-files.ts";
import type { ServeCommand } from "../serve-command.ts";
import { readConfigFile, type Settings } from "./config-file.ts";
import { keyOf } from "./file-keys.ts";
import { printable } from "../../../status/text/format.ts";

/**
 * The settings of the command line and of the configuration file; flags override the file.
 * @param fallback What holds if neither of them says anything else.
 * @throws {UsageError} if something in the file is wrong.
 */
export async function readSettings(
  { config, options: typed, user: typedUser }: ServeCommand,
  fallback: Pick<TftpOptions, "host" | "socketFd">,
): Promise<Settings> {
  const read: Settings = config === undefined ? { options: {}, files: {} } : await readConfigFile(config);
  const { options, files, user = typedUser } = { ...read, ...(typedUser !== undefined && { user: typedUser }) };
  return { options: { ...fallback, ...options, ...typed }, files, ...(user !== undefined && { user }) };
}

/** What the settings in effect need of `serve`. */
export interface LiveSettingsDependencies {
  readonly tftp: Tftp;
  /** Reads the settings again. */
  readonly read: () => Promise<Settings>;
  /** Prints a line. */
  readonly say: (line: string) => void;
}

/** The settings in effect. A reload applies what may change while the server runs. */
export class LiveSettings {
  readonly #dependencies: LiveSettingsDependencies;
  /** The options at the start: those that need a restart still have these values. */
  readonly #started: Plain;
  #files: readonly AddedFile[];
  /** Reloads run one after the other, in the order of the signals. */
  #reloads: Promise<void> = Promise.resolve();

  constructor({ options, files }: Settings, dependencies: LiveSettingsDependencies) {
    this.#dependencies = dependencies;
    this.#started = plain(options);
    this.#files = addFiles(dependencies.tftp, files);
  }

  /** Reads `file` again. Never rejects: if something in it is wrong, nothing changes, and a line says so. */
  async reload(file: string): Promise<void> {
    const { say } = this.#dependencies;
    this.#reloads = this.#reloads
      .then(() => this.#reload(file))
      .catch((error: Error) => say(printable(`configuration not reloaded: ${error.message}`)));
    await this.#reloads;
  }

  async #reload(file: string): Promise<void> {
    const { tftp, read, say } = this.#dependencies;
    const { options, files } = await read();
    const next = plain(options);
    await tftp.reconfigure(reloadable(next));
    const outdated = this.#files;
    // The old rules come first in the list and are removed last, so there is no moment without a rule.
    this.#files = addFiles(tftp, files);
    await Promise.all(outdated.map((added) => added.remove()));
    const needRestart = Object.keys(next).filter((name) => !isReloadable(name) && !this.#isAsStarted(name, next));
    const rest = needRestart.length > 0 ? `; restart to apply ${needRestart.map(keyOf).join(", ")}` : "";
    say(`configuration reloaded from ${file}${rest}`);
  }

  #isAsStarted(name: string, next: Plain): boolean {
    return isDeepStrictEqual(next[name], this.#started[name]);
  }
}

type Plain = Readonly<Record<string, unknown>>;

/** All options with their defaults: a key that was removed from the file has its default again. */
function plain(options: TftpOptions): Plain {
  const { server, controller } = resolveOptions(options);
  return { ...server, ...controller };
}

function addFiles(tftp: Tftp, files: Settings["files"]): AddedFile[] {
  return Object.entries(files).map(([pattern, text]) => tftp.addFile(pattern, text));
}

function reloadable(options: Plain): Partial<ReloadableConfig> {
  return Object.fromEntries(reloadableNames.map((name) => [name, options[name]]));
}

function isReloadable(name: string): boolean {
  return (reloadableNames as readonly string[]).includes(name);
}
