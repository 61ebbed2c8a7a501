import {
  type DropReason,
  dropReasons,
  type TransferOutcome,
  transferOutcomes,
  type RefusalReason,
  refusalReasons,
} from "./outcomes.ts";

/** What happened so far. None of these ever goes down. */
export interface Counters {
  /** Accepted read requests. */
  readonly requests: number;
  /** In DATA packets, retransmissions and headers included. */
  readonly bytesSent: number;
  /** Of files, by transfers that have ended. */
  readonly bytesAcknowledged: number;
  /** How often an OACK, a block or a window was sent again, by transfers that have ended. */
  readonly retransmissions: number;
  /** Ended transfers. */
  readonly transfers: Readonly<Record<TransferOutcome, number>>;
  /** Requests that were answered with an ERROR. */
  readonly refused: Readonly<Record<RefusalReason, number>>;
  /** Datagrams on the well-known port that drew nothing. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Datagrams inside a transfer that moved nothing: old, duplicate, from the future, or no ACK at all. */
  readonly ignored: number;
  /** Sends that the system refused, and ICMP errors that came back: each is a lost datagram. */
  readonly networkErrors: number;
}

/** The same, to be counted up. */
export type MutableCounters = {
  -readonly [Key in keyof Counters]: Counters[Key] extends number ? number : Record<keyof Counters[Key], number>;
};

export function noCounts(): MutableCounters {
  return {
    requests: 0,
    bytesSent: 0,
    bytesAcknowledged: 0,
    retransmissions: 0,
    transfers: sums(transferOutcomes, () => 0),
    refused: sums(refusalReasons, () => 0),
    dropped: sums(dropReasons, () => 0),
    ignored: 0,
    networkErrors: 0,
  };
}

export function addCounts(one: Counters, other: Counters): Counters {
  return {
    requests: one.requests + other.requests,
    bytesSent: one.bytesSent + other.bytesSent,
    bytesAcknowledged: one.bytesAcknowledged + other.bytesAcknowledged,
    retransmissions: one.retransmissions + other.retransmissions,
    transfers: sums(transferOutcomes, (outcome) => one.transfers[outcome] + other.transfers[outcome]),
    refused: sums(refusalReasons, (reason) => one.refused[reason] + other.refused[reason]),
    dropped: sums(dropReasons, (reason) => one.dropped[reason] + other.dropped[reason]),
    ignored: one.ignored + other.ignored,
    networkErrors: one.networkErrors + other.networkErrors,
  };
}

function sums<Key extends string>(keys: readonly Key[], sum: (key: Key) => number): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, sum(key)])) as Record<Key, number>;
}
