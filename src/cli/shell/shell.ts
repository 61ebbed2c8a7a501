import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { onAbort } from "../../shared/abort.ts";
import type { ShellCommand } from "../export/export-command.ts";
import { readExporterConfig } from "../export/exporter-config.ts";
import type { TftpEvent } from "../../contract/events/events.ts";
import type { ExporterEvent } from "../../contract/events/exporter-events.ts";
import { eventLine } from "../../status/text/event-line.ts";
import { openExporter } from "../export/open-exporter.ts";
import { ShutdownSignals } from "../shutdown-signals.ts";

/** The classes of our drivers: the command need not allow more. */
const ALLOWED = "jumpstarter_driver_tftp.*,jumpstarter_driver_opendal.*,jumpstarter_driver_composite.*";

/**
 * Serves on a private socket while the command runs. Resolves with its exit code. Our own lines go to stderr: stdout is
 * the command's.
 */
export async function runShell({ file, command }: ShellCommand): Promise<number> {
  const config = await readExporterConfig(file, process.env);
  // Others can neither enter it nor see what is in it.
  const directory = await mkdtemp(join(tmpdir(), "tftp-driver-"));
  const exporter = openExporter(config, { onExporterEvent: show, onServerEvent: show });
  try {
    const socket = join(directory, "exporter.sock");
    await exporter.listen(`unix:${socket}`);
    return await run(command, { ...process.env, JUMPSTARTER_HOST: socket, JMP_DRIVERS_ALLOW: ALLOWED });
  } finally {
    await exporter.close();
    await rm(directory, { recursive: true, force: true });
  }
}

function show(event: TftpEvent | ExporterEvent): void {
  const line = eventLine(event);
  if (line !== undefined) process.stderr.write(`${line}\n`);
}

async function run([program, ...args]: ShellCommand["command"], env: NodeJS.ProcessEnv): Promise<number> {
  const shutdown = new ShutdownSignals();
  const child = spawn(program, args, { env, stdio: "inherit" });
  // At a terminal the command has got the signal itself; what kills only us must end it, too.
  onAbort(shutdown.asked, () => child.kill("SIGTERM"));
  onAbort(shutdown.insisted, () => child.kill("SIGKILL"));
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + constants.signals[signal as NodeJS.Signals];
  } catch (error) {
    process.stderr.write(`tftp-driver: ${program}: ${(error as Error).message}\n`);
    return 127;
  }
}
