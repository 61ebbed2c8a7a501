import { toError } from "../../contract/errors.ts";
import type {
  DroppedEvent,
  RefusedEvent,
  TftpEvent,
  TftpEventOf,
  TftpEventType,
  TransferEndedEvent,
} from "../../contract/events.ts";
import type { Logger } from "../../contract/options.ts";

type Level = keyof Logger;

const lines: { [Type in TftpEventType]: (event: TftpEventOf<Type>) => [Level, string] } = {
  listening: ({ host, port }) => ["info", `listening on ${host} port ${port}`],
  request: ({ file, client }) => ["debug", `${file} requested by ${client.address}`],
  progress: ({ file, client, bytes }) => ["debug", `${file} to ${client.address}: ${bytes} bytes`],
  "transfer-ended": (event) => [endLevel(event), endMessage(event)],
  refused: (event) => [
    refusalLevel(event),
    `${event.file} refused to ${event.client.address}: ${event.reason}${times(event)}`,
  ],
  dropped: (event) => [dropLevel(event), `${event.count} dropped from ${dropSource(event)}: ${event.reason}`],
  "worker-crashed": ({ cause }) => ["error", cause.message],
  restarted: ({ host, port }) => ["warn", `listening again on ${host} port ${port}`],
  stopped: () => ["info", "stopped"],
  lost: ({ count }) => ["warn", `${count} ${count === 1 ? "event was" : "events were"} not reported`],
  warning: ({ message }) => ["warn", message],
};

/** What happened, in one line, without the time. */
export function eventMessage(event: TftpEvent): string {
  return describe(event)[1];
}

/** Tells an event to the logger. A healthy boot is one info line a file, at its end; boards that probe for names are quiet. */
export function logEvent(logger: Logger, event: TftpEvent): void {
  const [level, message] = describe(event);
  const details = "cause" in event && event.cause ? { ...event, err: toError(event.cause) } : event;
  logger[level](details, message);
}

function describe(event: TftpEvent): [Level, string] {
  return (lines[event.type] as (event: TftpEvent) => [Level, string])(event);
}

function endLevel({ outcome }: TransferEndedEvent): Level {
  if (outcome === "failed") return "error";
  if (outcome === "complete" || outcome === "unconfirmed") return "info";
  return outcome === "size-query" || outcome === "replaced" ? "debug" : "warn";
}

function endMessage({ file, client, outcome, bytes, durationMs, error, cause }: TransferEndedEvent): string {
  const why = cause?.message ?? error?.text;
  return `${file} to ${client.address}: ${outcome}, ${bytes} bytes in ${durationMs} ms${why ? ` (${why})` : ""}`;
}

function refusalLevel({ reason }: RefusedEvent): Level {
  if (reason === "not-found") return "debug";
  return reason === "read-error" || reason === "handler-error" ? "error" : "warn";
}

function times({ count = 1 }: RefusedEvent): string {
  return count === 1 ? "" : ` (${count} times)`;
}

/** What the operator can do something about is a warning; noise of the network is not. */
function dropLevel({ reason }: DroppedEvent): Level {
  return reason === "over-limit" || reason === "denied" || reason === "unreachable" ? "warn" : "debug";
}

function dropSource({ client }: DroppedEvent): string {
  return client?.address ?? "many clients";
}
