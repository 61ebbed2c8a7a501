import type { TftpEvent, TftpEventOf, TftpEventType } from "../contract/events.ts";
import { describeEnd, lostEvents, spaced } from "./describe.ts";
import { formatDuration, formatEndpoint, printable } from "./format.ts";

/** What a person gets to read; requests and progress are for the live view. */
type Lines = { [Type in Exclude<TftpEventType, "request" | "progress">]: (event: TftpEventOf<Type>) => string };

const lines: Lines = {
  listening: ({ host, port }) => `listening on ${formatEndpoint({ address: host, port })}`,
  "transfer-ended": (event) => {
    const outcome = event.outcome === "complete" ? "" : `${spaced(event.outcome)} `;
    return `${event.file} to ${formatEndpoint(event.client)}: ${outcome}${describeEnd(event)}`;
  },
  refused: ({ file, client, reason, count }) =>
    `${file} to ${formatEndpoint(client)}: refused, ${spaced(reason)}${times(count)}`,
  dropped: ({ count, client, reason }) =>
    `${count} ${count === 1 ? "datagram" : "datagrams"} from ${client?.address ?? "many clients"} dropped: ${spaced(reason)}`,
  "worker-crashed": ({ cause, restartInMs }) =>
    `error: ${cause.message}${restartInMs === undefined ? "" : `; restarting in ${formatDuration(restartInMs)}`}`,
  restarted: ({ host, port }) => `listening again on ${formatEndpoint({ address: host, port })}`,
  lost: (event) => `warning: ${lostEvents(event)}`,
  stopped: () => "stopped",
  warning: ({ message }) => `warning: ${message}`,
};

function times(count = 1): string {
  return count === 1 ? "" : ` (${count} times)`;
}

/** One line, without its end; undefined where there is nothing to say. */
export function eventLine(event: TftpEvent): string | undefined {
  if (event.type === "request" || event.type === "progress") return undefined;
  const describe = lines[event.type] as (event: TftpEvent) => string;
  const time = new Date(event.at).toTimeString().slice(0, 8);
  return printable(`${time} ${describe(event)}`);
}
