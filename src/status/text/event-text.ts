import type { TftpEvent, TftpEventOf, TftpEventType, TransferEndedEvent } from "../../contract/events/events.ts";
import { formatBytes, formatDuration, formatEndpoint, formatEndpoints, printable } from "./format.ts";
import { counted, dropWords, outcomeWords, refusalWords } from "./words.ts";

type Sentences = { readonly [Type in TftpEventType]: (event: TftpEventOf<Type>) => string };

const sentences: Sentences = {
  state: ({ state, previous }) => `${state}, was ${previous}`,
  listening: ({ addresses }) =>
    `listening on ${formatEndpoints(addresses.map(({ host, port }) => ({ address: host, port })))}`,
  "listening-address": ({ change, host, port }) =>
    `${change === "added" ? "listening also" : "not listening any more"} on ${formatEndpoint({ address: host, port })}`,
  request: ({ file, client }) => `${file} to ${formatEndpoint(client)}: requested`,
  progress: ({ file, client, bytes }) => `${file} to ${formatEndpoint(client)}: ${formatBytes(bytes)} so far`,
  "transfer-ended": (event) => {
    const outcome = event.outcome === "complete" ? "" : `${outcomeWords[event.outcome][0]} `;
    return `${event.file} to ${formatEndpoint(event.client)}: ${outcome}${endDetail(event)}`;
  },
  refused: ({ file, client, reason, count }) =>
    `${file} to ${formatEndpoint(client)}: refused, ${refusalWords[reason][0]}${times(count)}`,
  dropped: ({ count, client, reason }) =>
    `${counted(count, ["datagram", "datagrams"])} from ${client?.address ?? "many clients"} dropped: ${dropWords[reason][0]}`,
  "worker-crashed": ({ cause, restartInMs }) =>
    `${cause.message}${restartInMs === undefined ? "" : `; restarting in ${formatDuration(restartInMs)}`}`,
  restarted: ({ host, port }) => `listening again on ${formatEndpoint({ address: host, port })}`,
  stopped: () => "stopped",
  lost: ({ count }) => lostText(count),
  warning: ({ message }) => message,
};

/** What happened, in one line without the time: for the log, the terminal, and the message of a WAIT_TIMEOUT. */
export function eventText(event: TftpEvent): string {
  return printable((sentences[event.type] as (event: TftpEvent) => string)(event));
}

/** More has happened than could be reported. */
export function lostText(count: number): string {
  return `${counted(count, ["event was", "events were"])} not reported`;
}

function times(count = 1): string {
  return count === 1 ? "" : ` (${count} times)`;
}

/** "12 MiB in 2.0 s, 6.0 MiB/s"; of a transfer that did not complete, how far it came, and why. */
export function endDetail({ outcome, bytes, total, durationMs, error, cause }: TransferEndedEvent): string {
  const duration = formatDuration(durationMs);
  const rate = `${formatBytes((bytes * 1_000) / Math.max(durationMs, 1))}/s`;
  if (outcome === "complete") return `${formatBytes(bytes)} in ${duration}, ${rate}`;
  const why = cause?.message ?? error?.text;
  const of = total === undefined ? "" : ` of ${formatBytes(total)}`;
  return printable(`after ${formatBytes(bytes)}${of}, ${duration}${why ? ` (${why})` : ""}`);
}
