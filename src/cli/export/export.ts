import { readFile } from "node:fs/promises";
import { onAbort } from "../../shared/abort.ts";
import { formatAddress, parseListenAddress } from "../../jumpstarter/server/listen-address.ts";
import type { ListenOptions } from "../../jumpstarter/exporter.ts";
import { ShutdownSignals } from "../shutdown-signals.ts";
import { UsageError } from "../usage-error.ts";
import type { ExportCommand } from "./export-command.ts";
import { type ExporterConfig, readExporterConfig } from "./exporter-config.ts";
import { lineOf, openExporter, type Show } from "./open-exporter.ts";

/** Exports until a signal. Resolves with the exit code. */
export async function runExport(command: ExportCommand): Promise<number> {
  const config = await readExporterConfig(command.file, process.env);
  const options = await listenOptions(command);
  const { listen } = command;
  if (listen !== undefined) assertSafe(listen, command);
  const exporter = openExporter(config, command.json ? showJson : showLine, { fetchUrls: command.fetchUrls });
  const shutdown = new ShutdownSignals();
  // A lease whose end takes long is given up with the second signal, and the process with it.
  onAbort(shutdown.insisted, () => process.exit(shutdown.exitCode));
  let failure: Error | undefined;
  let left = new Promise<Error | undefined>(() => {});
  try {
    if (listen !== undefined) await exporter.listen(listen, options);
    else {
      const { ended } = await exporter.connect(controllerOf(config, command.file));
      left = ended;
    }
    const asked = new Promise<undefined>((resolve) => onAbort(shutdown.asked, () => resolve(undefined)));
    failure = await Promise.race([asked, left]);
  } finally {
    await exporter.close();
  }
  if (!failure) return 0;
  process.stderr.write(`tftp-driver: ${failure.message}\n`);
  return 1;
}

const showLine: Show = (event) => {
  const line = lineOf(event);
  if (line !== undefined) process.stdout.write(`${line}\n`);
};

const showJson: Show = (event) => void process.stdout.write(`${JSON.stringify(event)}\n`);

function controllerOf({ controller, hooks }: ExporterConfig, file: string) {
  if (!controller) throw new UsageError(`${file}: endpoint: expected a controller, or --listen`);
  const { ca, insecure, ...identity } = controller;
  return { ...identity, tls: { insecure, ca }, hooks };
}

/** Clear text is for this machine, unless it is asked for. */
function assertSafe(listen: string, { tlsCert, insecure }: ExportCommand): void {
  const address = parseListenAddress(listen);
  if ("path" in address || tlsCert !== undefined || insecure) return;
  if (address.host === "localhost" || address.host === "::1" || /^127\.[\d.]+$/.test(address.host)) return;
  throw new UsageError(`--listen: expected --tls-cert and --tls-key, or --insecure, for ${formatAddress(address)}`);
}

async function listenOptions({ tlsCert, tlsKey, passphraseFile }: ExportCommand): Promise<ListenOptions> {
  const passphrase = passphraseFile && (await read("--passphrase-file", passphraseFile)).replace(/\r?\n$/, "");
  return {
    ...(tlsCert !== undefined &&
      tlsKey !== undefined && {
        tls: { cert: await read("--tls-cert", tlsCert), key: await read("--tls-key", tlsKey) },
      }),
    ...(passphrase !== undefined && { passphrase }),
  };
}

async function read(option: string, path: string): Promise<string> {
  return await readFile(path, "utf8").catch((error: Error) => {
    throw new UsageError(`${option}: ${error.message}`);
  });
}
