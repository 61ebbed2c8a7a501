import { toError } from "../../contract/errors.ts";
import { resolveOptions } from "../../contract/options/resolve-options.ts";
import { onAbort } from "../../shared/abort.ts";
import { Activity } from "../../status/activity/activity.ts";
import { Tftp } from "../../main/tftp.ts";
import { openUiServer, type UiServer } from "../../ui/ui-server.ts";
import { addressLine } from "./view/all-addresses.ts";
import { formatConfig, type Settings } from "./config/config-file.ts";
import { curlLine } from "./view/curl-line.ts";
import { assertCanBecome, becomeUser } from "./user/become-user.ts";
import { findUser } from "./user/user-identity.ts";
import { takeListenFd } from "../systemd/listen-fds.ts";
import { takeNotifyRequest } from "../systemd/service-manager.ts";
import { ServiceReport } from "../systemd/service-report.ts";
import { ShutdownSignals } from "../shutdown-signals.ts";
import { measuredServer, MetricsServer } from "./metrics-server.ts";
import type { ServeCommand } from "./serve-command.ts";
import { assertServedDirectory } from "./served-directory.ts";
import { LiveSettings, readSettings } from "./config/settings.ts";
import { chooseView } from "./view/choose-view.ts";

/** Serves until a signal. Resolves with the exit code; throws if the server does not start, or dies for good. */
export async function serve(command: ServeCommand): Promise<number> {
  const { env, pid } = process;
  const notifyRequest = takeNotifyRequest(env, pid);
  const fallback = { host: "*", socketFd: takeListenFd(env, pid) };
  const read = async (): Promise<Settings> => await readSettings(command, fallback);
  const settings = await read();
  const resolved = resolveOptions(settings.options);
  await assertServedDirectory(settings, command);
  if (command.check) {
    process.stdout.write(formatConfig(resolved, settings));
    return 0;
  }
  const { rootDir, source } = resolved.server;
  const served = { rootDir: source === undefined ? rootDir : undefined, patterns: Object.keys(settings.files) };
  const user = settings.user === undefined ? undefined : findUser(settings.user);
  if (user) assertCanBecome(user);
  // Nothing is answered as root.
  const tftp = new Tftp(user ? { ...settings.options, allow: [] } : settings.options);
  const activity = new Activity();
  const view = chooseView(command, activity);
  // With --json these lines go to stderr: a port that was chosen by the system must be shown somewhere.
  const say = (line: string): void => void (command.json ? process.stderr.write(`${line}\n`) : view.say(line));
  // Once: a restart after a crash, and an address that is followed, would only repeat it.
  let isAnnounced = false;
  tftp.on("*", async (event) => {
    activity.apply(event);
    view.show(event);
    if (event.type !== "listening" || isAnnounced) return;
    isAnnounced = true;
    const addresses = addressLine(event.addresses, resolved.server.bindDevice);
    if (addresses !== undefined) say(addresses);
    const line = await curlLine(served, event.host, event.port);
    if (line !== undefined) view.say(line);
  });
  for (const note of notesOf(command, fallback.socketFd)) say(note);
  const service = await ServiceReport.open(notifyRequest, activity, say);
  const live = new LiveSettings(settings, { tftp, read, say });
  const { config } = command;
  let becomeReady: (() => void) | undefined;
  // Before root is given up, a reload would let clients in again.
  const ready = new Promise<void>((resolve) => (becomeReady = resolve));
  if (config !== undefined) {
    process.on("SIGHUP", () => void service.reload(() => ready.then(() => live.reload(config))));
  }
  const shutdown = new ShutdownSignals();
  const { asked, insisted } = shutdown;
  // A third signal ends the process at once, so the screen must be left by then.
  onAbort(asked, () => service.stopping());
  onAbort(insisted, () => view.end?.());
  const ended = Promise.race([new Promise<void>((resolve) => onAbort(asked, resolve)), lost(tftp)]);
  let ui: UiServer | undefined;
  let metricsServer: MetricsServer | undefined;
  try {
    if (command.openUi !== undefined) ui = await openUiServer(activity, command.openUi);
    if (ui) say(`dashboard: ${ui.url}`);
    if (command.metrics) metricsServer = await MetricsServer.start(measuredServer(tftp), command.metrics);
    const started = await tftp.start({ signal: asked });
    if (user) {
      becomeUser(user);
      await tftp.reconfigure({ allow: resolved.server.allow });
    }
    becomeReady?.();
    service.started(tftp, started);
    if (metricsServer) say(`metrics: ${metricsServer.url}metrics, health: ${metricsServer.url}healthz`);
    await ended;
    await tftp.stop({ signal: insisted });
  } catch (error) {
    if (!asked.aborted) throw error;
  } finally {
    await tftp.close();
    service.close();
    view.end?.();
    await ui?.close();
    await metricsServer?.close();
  }
  return insisted.aborted ? shutdown.exitCode : 0;
}

/** Lines to print at the start. */
function notesOf({ notes = [], options }: ServeCommand, socketFd: number | undefined): readonly string[] {
  if (socketFd === undefined || (options.host === undefined && options.port === undefined)) return notes;
  return [...notes, "it serves on the socket that systemd has handed over: host and port are ignored"];
}

/** Rejects if the thread dies and is not restarted. */
function lost(tftp: Tftp): Promise<never> {
  return new Promise((_resolve, reject) => {
    tftp.on("worker-crashed", ({ cause, restartInMs }) => {
      if (restartInMs === undefined) reject(toError(cause));
    });
  });
}
