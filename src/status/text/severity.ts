import type { TftpEvent, TftpEventOf, TftpEventType } from "../../contract/events/events.ts";
import type { DropReason, RefusalReason, TransferOutcome } from "../../contract/events/outcomes.ts";

/** How much an event matters, by the names of a logger's levels. */
export type Severity = "debug" | "info" | "warn" | "error";

/** Done; as wanted, though no file was fetched; worth a look; a fault of this machine or its software. */
export type Tone = "good" | "quiet" | "warning" | "bad";

const tones: { readonly [Name in Severity]: Tone } = { debug: "quiet", info: "good", warn: "warning", error: "bad" };

const outcomes: { readonly [Outcome in TransferOutcome]: Severity } = {
  complete: "info",
  unconfirmed: "info",
  "size-query": "debug",
  replaced: "debug",
  "client-error": "warn",
  "timed-out": "warn",
  "server-stopped": "warn",
  evicted: "warn",
  failed: "error",
};

/** Boards probe for names: a missing file is an answer like any other. */
const refusals: { readonly [Reason in RefusalReason]: Severity } = {
  "not-found": "debug",
  "outside-root": "warn",
  "not-a-file": "warn",
  forbidden: "warn",
  "not-world-readable": "warn",
  "denied-by-rule": "warn",
  "read-only": "warn",
  "bad-request": "warn",
  "handler-error": "error",
  "read-error": "error",
  "no-free-port": "warn",
};

/** What the operator can do something about is a warning; noise of the network is not. */
const drops: { readonly [Reason in DropReason]: Severity } = {
  "over-limit": "warn",
  denied: "warn",
  loop: "debug",
  "unknown-opcode": "debug",
  malformed: "debug",
  duplicate: "debug",
  "not-unicast": "debug",
  unreachable: "warn",
  "port-busy": "debug",
  "no-transfer": "debug",
};

const severities: { readonly [Type in TftpEventType]: Severity | ((event: TftpEventOf<Type>) => Severity) } = {
  state: "debug",
  listening: "info",
  "listening-address": ({ change }) => (change === "added" ? "info" : "warn"),
  request: "debug",
  progress: "debug",
  "transfer-ended": ({ outcome }) => outcomes[outcome],
  refused: ({ reason }) => refusals[reason],
  dropped: ({ reason }) => drops[reason],
  "worker-crashed": "error",
  restarted: "warn",
  stopped: "info",
  lost: "warn",
  warning: "warn",
};

/**
 * How much an event matters: to the logger, to the terminal and to the page. A healthy boot is one info for each file.
 */
export function severity(event: TftpEvent): Severity {
  const found = severities[event.type] as Severity | ((event: TftpEvent) => Severity);
  return typeof found === "function" ? found(event) : found;
}

/** The same as a tone, which decides the color. */
export function toneOf(event: TftpEvent): Tone {
  return tones[severity(event)];
}
