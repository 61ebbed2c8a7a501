import type { Activity } from "../../status/activity/activity.ts";
import { openUiServer } from "../../ui/ui-server.ts";
import { type Measured, MetricsServer } from "../serve/metrics-server.ts";
import type { ViewFlags } from "../serve/view/view-flags.ts";
import type { View } from "../serve/view/view.ts";

/** What can be looked into over HTTP while a command runs. */
export interface Windows {
  close(): Promise<void>;
}

/**
 * Opens the dashboard and the metrics, as far as they are asked for, and says where.
 * @throws {Error} if a port cannot be bound, or prom-client is missing; the message is one line.
 */
export async function openWindows(
  { openUi, metrics, json }: ViewFlags,
  activity: Activity,
  measured: Measured,
  view: View,
): Promise<Windows> {
  // With --json these lines go to stderr: a port that was chosen by the system must be shown somewhere.
  const say = (line: string): void => void (json ? process.stderr.write(`${line}\n`) : view.say(line));
  const ui = openUi === undefined ? undefined : await openUiServer(activity, openUi);
  if (ui) say(`dashboard: ${ui.url}`);
  try {
    const server = metrics && (await MetricsServer.start(measured, metrics));
    if (server) say(`metrics: ${server.url}metrics, health: ${server.url}healthz`);
    return {
      close: async () => {
        await Promise.all([ui?.close(), server?.close()]);
      },
    };
  } catch (error) {
    await ui?.close();
    throw error;
  }
}
