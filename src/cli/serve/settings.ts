import { isDeepStrictEqual } from "node:util";
import { type ReloadableConfig, reloadableNames, type TftpOptions } from "../../contract/options.ts";
import { resolveOptions } from "../../contract/resolve-options.ts";
import type { Tftp } from "../../main/tftp.ts";
import type { AddedFile } from "../../main/virtual-files.ts";
import type { ServeCommand } from "../command-line.ts";
import { keyOf, readConfigFile, type Settings } from "./config-file.ts";
import { printable } from "../../status/format.ts";

/**
 * The settings of the command line and of the configuration file; flags override the file.
 * @throws {UsageError} if something in the file is wrong.
 */
export async function readSettings({ config, directory, host, port }: ServeCommand): Promise<Settings> {
  const { options, files } = config === undefined ? { options: {}, files: {} } : await readConfigFile(config);
  const flags = {
    ...(directory !== undefined && { rootDir: directory }),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
  };
  return { options: { ...options, ...flags }, files };
}

/** The settings in effect. SIGHUP rereads the file and applies what may change while the server runs. */
export class LiveSettings {
  readonly #tftp: Tftp;
  readonly #command: ServeCommand;
  readonly #say: (line: string) => void;
  /** The options at the start: those that need a restart still have these values. */
  readonly #started: Plain;
  #files: readonly AddedFile[];

  constructor(tftp: Tftp, command: ServeCommand, { options, files }: Settings, say: (line: string) => void) {
    this.#tftp = tftp;
    this.#command = command;
    this.#say = say;
    this.#started = plain(options);
    this.#files = addFiles(tftp, files);
  }

  reloadOnHangup(): void {
    // Reloads run one after the other, in the order of the signals.
    let reloads = Promise.resolve();
    process.on("SIGHUP", () => {
      reloads = reloads
        .then(() => this.#reload())
        .catch((error: Error) => this.#say(printable(`configuration not reloaded: ${error.message}`)));
    });
  }

  async #reload(): Promise<void> {
    const { options, files } = await readSettings(this.#command);
    const next = plain(options);
    await this.#tftp.reconfigure(reloadable(next));
    const outdated = this.#files;
    // The old rules come first in the list and are removed last, so there is no moment without a rule.
    this.#files = addFiles(this.#tftp, files);
    await Promise.all(outdated.map((file) => file.remove()));
    const needRestart = Object.keys(next).filter((name) => !isReloadable(name) && !this.#isAsStarted(name, next));
    const rest = needRestart.length > 0 ? `; restart to apply ${needRestart.map(keyOf).join(", ")}` : "";
    this.#say(`configuration reloaded from ${this.#command.config}${rest}`);
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
