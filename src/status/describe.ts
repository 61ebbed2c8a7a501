import type {
  DropReason,
  DroppedEvent,
  LostEvents,
  RefusalReason,
  RefusedEvent,
  TftpEvent,
  TransferEndedEvent,
  TransferOutcome,
} from "../contract/events.ts";
import { formatBytes, formatDuration, formatEndpoint, printable } from "./format.ts";

/** Done; as wanted, though not a file fetched; worth a look; our own fault. */
export type Tone = "good" | "quiet" | "warning" | "bad";

/** What a result says to people. All of it is printable. */
export interface Description {
  readonly tone: Tone;
  /** In a word or two. */
  readonly what: string;
  /** How, or why. */
  readonly detail: string;
  readonly file?: string;
  /** `address:port` */
  readonly client?: string;
  /** Of dropped datagrams: which, so that more of them can be added. */
  readonly drop?: { readonly reason: DropReason; readonly address: string | undefined; readonly count: number };
}

/** Why a request was answered with an ERROR. */
const refusalReasons: { readonly [Reason in RefusalReason]: string } = {
  "not-found": "there is no such file",
  "outside-root": "the name leads out of the served directory",
  "not-a-file": "not a regular file",
  forbidden: "the server may not read this file",
  "read-only": "a write request, and this server is read-only",
  "bad-request": "the request is malformed",
  "handler-error": "the handler for this file failed",
  "read-error": "the source of this file failed",
};

/** Why datagrams drew nothing; the rest is noise of the network: it is counted, but no result. */
const dropReasons: { readonly [Reason in DropReason]?: string } = {
  "over-limit": "more transfers than the limits allow",
  denied: "this client is not allowed",
  unreachable: "no way leads to the client",
};

/** Not our fault, but the client does not have the file. */
const cutShort: ReadonlySet<TransferOutcome> = new Set(["timed-out", "client-error", "server-stopped", "evicted"]);

/** What an event says as a result; undefined where it is none. */
export function describeResult(event: TftpEvent): Description | undefined {
  switch (event.type) {
    case "transfer-ended":
      return { tone: endTone(event), what: outcomeWord(event), detail: describeEnd(event), ...whose(event) };
    case "refused":
      return { tone: refusalTone(event), what: "refused", detail: describeRefusal(event), ...whose(event) };
    case "dropped":
      return describeDrop(event);
    case "worker-crashed":
      return { tone: "bad", what: "crashed", detail: printable(event.cause.message) };
    case "restarted":
      return { tone: "warning", what: "restarted", detail: `attempt ${event.attempt}` };
    case "lost":
      return { tone: "warning", what: "lost", detail: lostEvents(event) };
    case "warning":
      return { tone: "warning", what: "warning", detail: printable(event.message) };
    default:
      return undefined;
  }
}

/** "12 MiB in 2.0 s, 6.0 MiB/s"; of what did not complete, how far it came, and why. */
export function describeEnd({ outcome, bytes, total, durationMs, error, cause }: TransferEndedEvent): string {
  const duration = formatDuration(durationMs);
  const rate = `${formatBytes((bytes * 1_000) / Math.max(durationMs, 1))}/s`;
  if (outcome === "complete") return `${formatBytes(bytes)} in ${duration}, ${rate}`;
  const why = cause?.message ?? error?.text;
  const of = total === undefined ? "" : ` of ${formatBytes(total)}`;
  return printable(`after ${formatBytes(bytes)}${of}, ${duration}${why ? ` (${why})` : ""}`);
}

function outcomeWord({ outcome }: TransferEndedEvent): string {
  return outcome === "server-stopped" ? "cut short" : spaced(outcome);
}

/** "client-error" -> "client error" */
export function spaced(word: string): string {
  return word.replaceAll("-", " ");
}

function describeRefusal({ reason, cause, count = 1 }: RefusedEvent): string {
  const requests = count === 1 ? "" : `${count} requests: `;
  return printable(`${requests}${refusalReasons[reason]}${cause ? ` (${cause.message})` : ""}`);
}

/** More has happened than could be reported. */
export function lostEvents({ count }: LostEvents): string {
  return `${count} ${count === 1 ? "event was" : "events were"} not reported`;
}

function describeDrop({ reason, client, count }: DroppedEvent): Description | undefined {
  const why = dropReasons[reason];
  if (why === undefined) return undefined;
  const address = client?.address;
  return {
    tone: "warning",
    what: "dropped",
    detail: `${count} ${count === 1 ? "request" : "requests"}: ${why}`,
    client: address === undefined ? "many clients" : printable(address),
    drop: { reason, address, count },
  };
}

function whose({ file, client }: TransferEndedEvent | RefusedEvent): { file: string; client: string } {
  return { file: printable(file), client: printable(formatEndpoint(client)) };
}

function endTone({ outcome }: TransferEndedEvent): Tone {
  if (outcome === "complete") return "good";
  if (outcome === "failed") return "bad";
  return cutShort.has(outcome) ? "warning" : "quiet";
}

/** Boards probe for names: a missing file is an answer like any other. */
function refusalTone({ reason }: RefusedEvent): Tone {
  if (reason === "read-error" || reason === "handler-error") return "bad";
  return reason === "not-found" ? "quiet" : "warning";
}
