import type { ExporterEvent, FileMovedEvent } from "../../contract/events/exporter-events.ts";
import type { Description } from "../text/describe.ts";
import type { ExporterActivity, LeaseHolder } from "./exporter-activity.ts";
import { exporterEventText } from "./exporter-event-text.ts";
import { formatBytes, formatDuration, printable } from "../text/format.ts";
import type { Tone } from "../text/severity.ts";

/** A line about an exporter. It is printable. */
export interface ExporterLine {
  readonly text: string;
  readonly tone: Tone;
}

/** The holder of the lease, and how the exporter is reached. @param now in milliseconds since the epoch. */
export function exporterLines({ holder, controller, addresses }: ExporterActivity, now: number): ExporterLine[] {
  const lines: ExporterLine[] = [];
  if (holder) lines.push({ text: printable(leaseText(holder, now)), tone: "good" });
  else if (controller) lines.push({ text: "not leased", tone: "quiet" });
  if (controller) {
    const { state, endpoint, cause } = controller;
    const text = printable(`controller ${endpoint}: ${state}${cause ? `, ${cause.message}` : ""}`);
    lines.push({ text, tone: state === "lost" ? "bad" : "quiet" });
  }
  if (addresses.length > 0) lines.push({ text: printable(`clients at ${addresses.join(", ")}`), tone: "quiet" });
  return lines;
}

/** "leased by alice since 12:03:04, for 2 min 5 s: lease board-1-x" */
function leaseText({ lease, client, since }: LeaseHolder, now: number): string {
  const held = formatDuration(Math.max(now - since, 0));
  return `leased by ${client || "a client"} since ${timeText(since, now)}, for ${held}: lease ${lease}`;
}

/** The local time; with the date if it was another day. */
function timeText(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  const time = then.toTimeString().slice(0, 8);
  if (then.toDateString() === today.toDateString()) return time;
  const [month, day] = [then.getMonth() + 1, then.getDate()].map((part) => `${part}`.padStart(2, "0"));
  return `${then.getFullYear()}-${month}-${day} ${time}`;
}

/** An event of an exporter as a result; undefined if it is none. @param client The holder of the lease. */
export function describeExporterResult(event: ExporterEvent, client: string | undefined): Description | undefined {
  const whose = client === undefined || client === "" ? {} : { client: printable(client) };
  switch (event.type) {
    case "file-moved":
      return { ...describeMoved(event), ...whose };
    case "lease-started":
      return { tone: "good", what: "leased", detail: printable(`lease ${event.lease}`), ...whose };
    case "lease-ended": {
      const held = `lease ${event.lease}, after ${formatDuration(event.durationMs)}`;
      const detail = printable(`${held}${event.cause ? `: ${event.cause.message}` : ""}`);
      return { tone: event.cause ? "warning" : "quiet", what: "lease over", detail, ...whose };
    }
    case "driver-call": {
      if (event.status === 0) return undefined;
      return { tone: "warning", what: "call failed", detail: exporterEventText(event), ...whose };
    }
    case "hook-ended":
      return event.error === undefined
        ? undefined
        : { tone: "warning", what: "hook failed", detail: exporterEventText(event) };
    case "controller":
      return event.state === "lost"
        ? { tone: "warning", what: "controller lost", detail: exporterEventText(event) }
        : undefined;
    case "exporter-warning":
      return { tone: "warning", what: "warning", detail: exporterEventText(event) };
    default:
      return undefined;
  }
}

function describeMoved({ direction, path, bytes, durationMs, complete }: FileMovedEvent): Description {
  const file = printable(path);
  if (!complete) return { tone: "warning", what: `${direction} broken off`, detail: "nothing is left of it", file };
  const rate = formatBytes((bytes * 1_000) / Math.max(durationMs, 1));
  const detail = `${formatBytes(bytes)} in ${formatDuration(durationMs)}, ${rate}/s`;
  return { tone: "good", what: direction, detail, file };
}
