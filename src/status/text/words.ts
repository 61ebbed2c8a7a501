import type { TftpState } from "../../contract/events/events.ts";
import type { DropReason, RefusalReason, TransferOutcome } from "../../contract/events/outcomes.ts";

/** "1 request", "2 requests" */
export function counted(count: number, [one, more = one]: readonly [one: string, more?: string]): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** Each outcome as people read it: the word for one transfer, and for more if that is another word. */
export const outcomeWords: { readonly [Outcome in TransferOutcome]: readonly [one: string, more?: string] } = {
  complete: ["complete"],
  unconfirmed: ["unconfirmed"],
  failed: ["failed"],
  "timed-out": ["timed out"],
  "client-error": ["client error", "client errors"],
  "server-stopped": ["cut short"],
  replaced: ["replaced"],
  evicted: ["evicted"],
  "size-query": ["size query", "size queries"],
};

/** Why a request was answered with an ERROR: in a word or two, and as a sentence. */
export const refusalWords: { readonly [Reason in RefusalReason]: readonly [short: string, sentence: string] } = {
  "not-found": ["not found", "there is no such file"],
  "outside-root": ["outside root", "the name leads out of the served directory"],
  "not-a-file": ["not a file", "not a regular file"],
  forbidden: ["forbidden", "the server may not read this file"],
  "not-world-readable": ["not world-readable", "not all users may read this file"],
  "denied-by-rule": ["denied by rule", "a rule refuses this request"],
  "read-only": ["read only", "a write request, and this server is read-only"],
  "bad-request": ["bad request", "the request is malformed"],
  "handler-error": ["handler error", "the handler for this file failed"],
  "read-error": ["read error", "the source of this file failed"],
  "no-free-port": ["no free port", "the range of ports for transfers is used up"],
};

/** Why datagrams on the well-known port drew nothing: in a word or two, and as a sentence. */
export const dropWords: { readonly [Reason in DropReason]: readonly [short: string, sentence: string] } = {
  "over-limit": ["over limit", "more transfers than the limits allow"],
  denied: ["denied", "this client is not allowed"],
  loop: ["loop", "from a server's port, as in a loop"],
  "unknown-opcode": ["unknown opcode", "no TFTP request"],
  malformed: ["malformed", "no whole TFTP packet"],
  duplicate: ["duplicate", "repeated before it was answered"],
  "not-unicast": ["not unicast", "sent to a broadcast or multicast address"],
  unreachable: ["unreachable", "no way leads to the client"],
  "port-busy": ["port busy", "the client port has a transfer that goes on"],
  "no-transfer": ["no transfer", "an ACK or ERROR of no transfer"],
};

/** The state of the driver as people read it; "restarting": it starts again after a crash. */
export type ServerStatus = TftpState | "restarting";

export const statusWords: { readonly [Status in ServerStatus]: string } = {
  stopped: "stopped",
  starting: "starting",
  running: "listening",
  stopping: "stopping, running transfers may end",
  failed: "crashed",
  restarting: "crashed, restarting",
};
