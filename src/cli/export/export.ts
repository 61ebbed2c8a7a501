import { readFile } from "node:fs/promises";
import { onAbort } from "../../shared/abort.ts";
import { formatAddress, parseListenAddress } from "../../jumpstarter/server/listen-address.ts";
import type { ListenOptions } from "../../jumpstarter/exporter.ts";
import { ShutdownSignals } from "../shutdown-signals.ts";
import { UsageError } from "../usage-error.ts";
import type { ExportCommand } from "./export-command.ts";
import { type ExporterConfig, readExporterConfig } from "./exporter-config.ts";
import { chooseView } from "../serve/view/choose-view.ts";
import { Activity } from "../../status/activity/activity.ts";
import type { ExporterActivity } from "../../status/exporter/exporter-activity.ts";
import { ExporterMeasured } from "./exporter-measured.ts";
import { type ExporterWatch, openExporter } from "./open-exporter.ts";
import { openWindows, type Windows } from "./windows.ts";

/** Exports until a signal. Resolves with the exit code. */
export async function runExport(command: ExportCommand): Promise<number> {
  const config = await readExporterConfig(command.file, process.env);
  const options = await listenOptions(command);
  const { listen, fetchUrls } = command;
  if (listen !== undefined) assertSafe(listen, command);
  const activity = new Activity({ isExporter: true });
  const view = chooseView(command, activity);
  let measured: ExporterMeasured | undefined;
  const watch: ExporterWatch = {
    onExporterEvent: (event) => {
      activity.applyExporter(event);
      view.show(event);
    },
    onServerEvent: (event, server) => {
      activity.apply(event, server);
      view.show(event);
    },
    onServer: (tftp, name) => measured?.add(tftp, name),
  };
  const exporter = openExporter(config, watch, { fetchUrls });
  measured = new ExporterMeasured(exporter, activity.exporter as ExporterActivity);
  const shutdown = new ShutdownSignals();
  // A lease whose end takes long is given up with the second signal, and the process with it.
  onAbort(shutdown.insisted, () => {
    view.end?.();
    process.exit(shutdown.exitCode);
  });
  let failure: Error | undefined;
  let left = new Promise<Error | undefined>(() => {});
  let windows: Windows | undefined;
  try {
    windows = await openWindows(command, activity, measured, view);
    if (listen !== undefined) await exporter.listen(listen, options);
    else {
      const { ended } = await exporter.connect(controllerOf(config, command.file));
      left = ended;
    }
    const asked = new Promise<undefined>((resolve) => onAbort(shutdown.asked, () => resolve(undefined)));
    failure = await Promise.race([asked, left]);
  } finally {
    await exporter.close().finally(() => view.end?.());
    await windows?.close();
  }
  if (!failure) return 0;
  process.stderr.write(`tftp-driver: ${failure.message}\n`);
  return 1;
}

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
