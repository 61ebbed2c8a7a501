import type { DroppedEvent, RefusedEvent, TftpEvent, TransferEndedEvent } from "../../contract/events/events.ts";
import type { DropReason } from "../../contract/events/outcomes.ts";
import { endDetail, lostText } from "./event-text.ts";
import { formatEndpoint, printable } from "./format.ts";
import { severity, type Tone, toneOf } from "./severity.ts";
import { counted, dropWords, outcomeWords, refusalWords } from "./words.ts";

/** A result as people read it. All of it is printable. */
export interface Description {
  readonly tone: Tone;
  /** In a word or two. */
  readonly what: string;
  /** How it ended, or why. */
  readonly detail: string;
  readonly file?: string;
  /** `address:port`; of dropped datagrams the address, or "many clients"; of an exporter's event its client's name. */
  readonly client?: string;
  /** Of dropped datagrams: which, so that more of them can be added. */
  readonly drop?: { readonly reason: DropReason; readonly address: string | undefined; readonly count: number };
}

/** An event as a result; undefined if it is none. */
export function describeResult(event: TftpEvent): Description | undefined {
  const words = wordsOf(event);
  return words && { tone: toneOf(event), ...words };
}

function wordsOf(event: TftpEvent): Omit<Description, "tone"> | undefined {
  switch (event.type) {
    case "transfer-ended":
      return { what: outcomeWords[event.outcome][0], detail: endDetail(event), ...whose(event) };
    case "refused":
      return { what: "refused", detail: describeRefusal(event), ...whose(event) };
    case "dropped":
      return describeDrop(event);
    case "worker-crashed":
      return { what: "crashed", detail: printable(event.cause.message) };
    case "restarted":
      return { what: "restarted", detail: `attempt ${event.attempt}` };
    case "lost":
      return { what: "lost", detail: lostText(event.count) };
    case "warning":
      return { what: "warning", detail: printable(event.message) };
    default:
      return undefined;
  }
}

function describeRefusal({ reason, cause, count = 1 }: RefusedEvent): string {
  const requests = count === 1 ? "" : `${count} requests: `;
  return printable(`${requests}${refusalWords[reason][1]}${cause ? ` (${cause.message})` : ""}`);
}

/** Noise of the network is counted, but it is no result. */
function describeDrop(event: DroppedEvent): Omit<Description, "tone"> | undefined {
  if (severity(event) === "debug") return undefined;
  const { reason, client, count } = event;
  const address = client?.address;
  return {
    what: "dropped",
    detail: `${counted(count, ["request", "requests"])}: ${dropWords[reason][1]}`,
    client: address === undefined ? "many clients" : printable(address),
    drop: { reason, address, count },
  };
}

function whose({ file, client }: TransferEndedEvent | RefusedEvent): { file: string; client: string } {
  return { file: printable(file), client: printable(formatEndpoint(client)) };
}
