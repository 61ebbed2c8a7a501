import type { Activity } from "../status/activity/activity.ts";
import type { Tone } from "../status/text/severity.ts";
import { type ExporterLine, exporterLines } from "../status/exporter/describe-exporter.ts";
import { amountText, etaText, speedText } from "../status/text/describe-running.ts";
import type { RunningTransfer } from "../status/activity/running-transfer.ts";
import { showStatus } from "../status/activity/server-status.ts";
import type { Total } from "../status/activity/totals.ts";
import { formatBytes, formatEndpoint, formatEndpoints, printable } from "../status/text/format.ts";

/** The page lists at most this many running transfers; the rest is a number. */
const MAX_RUNNING = 100;

/** Everything that the page shows except the results, in its final words: the page only draws. */
export interface PageState {
  readonly address: string;
  readonly status: { readonly text: string; readonly tone: Tone };
  /** The holder of an exporter's lease, and how the exporter is reached; absent for a server without an exporter. */
  readonly exporter?: readonly ExporterLine[];
  readonly totals: readonly Total[];
  /** "1.2 GiB" */
  readonly served: string;
  readonly running: readonly ShownTransfer[];
  readonly runningCount: number;
  readonly throughput: ShownThroughput;
}

export interface ShownTransfer {
  readonly id: number;
  readonly file: string;
  readonly client: string;
  /** From 0 to 1; absent if the total is not known. */
  readonly share?: number;
  readonly amount: string;
  readonly speed: string;
  readonly eta: string;
}

export interface ShownThroughput {
  /** In bytes per second, one for each of the last 300 seconds, the oldest first. */
  readonly samples: readonly number[];
  /** The top of the chart's scale, in bytes per second. */
  readonly top: number;
  readonly topText: string;
  readonly nowText: string;
  readonly peakText: string;
}

/** @param now in milliseconds since the epoch. */
export function pageState(activity: Activity, now: number): PageState {
  const { hasListened, endpoints, status, totals, running } = activity;
  return {
    address: hasListened ? printable(formatEndpoints(endpoints)) : "",
    status: showStatus(status),
    ...(activity.exporter && { exporter: exporterLines(activity.exporter, now) }),
    totals: [...(activity.exporter?.totals ?? []), ...totals.list],
    served: formatBytes(totals.bytes),
    running: running.slice(0, MAX_RUNNING).map((transfer) => showTransfer(transfer, now)),
    runningCount: running.length,
    throughput: showThroughput(activity.throughput.samples(now), activity.throughput.current(now)),
  };
}

function showTransfer(transfer: RunningTransfer, now: number): ShownTransfer {
  const { id, file, client, share } = transfer;
  return {
    id,
    file: printable(file),
    client: printable(formatEndpoint(client)),
    ...(share !== undefined && { share }),
    amount: amountText(transfer),
    speed: speedText(transfer, now),
    eta: etaText(transfer, now),
  };
}

function showThroughput(samples: readonly number[], current: number): ShownThroughput {
  const peak = Math.max(...samples);
  const top = scale(peak);
  return {
    samples,
    top,
    topText: `${formatBytes(top)}/s`,
    nowText: `${formatBytes(current)}/s`,
    peakText: `${formatBytes(peak)}/s`,
  };
}

/** Rounds up to the next of 1, 1.5, 2, 3, 4, 6, 8, 12 … KiB: round numbers in binary units. */
function scale(peak: number): number {
  const power = 2 ** Math.ceil(Math.log2(Math.max(peak, 1_024)));
  return peak <= power * 0.75 && power > 1_024 ? power * 0.75 : power;
}
