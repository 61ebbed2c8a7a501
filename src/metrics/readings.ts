import { dropReasons, transferOutcomes, refusalReasons } from "../contract/events/outcomes.ts";
import type { Snapshot } from "../main/server/types.ts";

/** A metric that a snapshot holds. */
export interface Reading {
  readonly name: string;
  readonly help: string;
  /** The name of its label, if it has one. Its values are words of ours: never a file name or an address. */
  readonly label?: "outcome" | "reason";
  /** A number, or one for each value of the label. */
  readonly read: (now: Snapshot) => number | Readonly<Record<string, number>>;
}

/** What only goes up. */
export const totals: readonly Reading[] = [
  {
    name: "tftp_requests_total",
    help: "Accepted read requests.",
    read: ({ counters }) => counters.requests,
  },
  {
    name: "tftp_transfers_total",
    help: `Ended transfers: ${transferOutcomes.join(", ")}.`,
    label: "outcome",
    read: ({ counters }) => counters.transfers,
  },
  {
    name: "tftp_refused_total",
    help: `Requests answered with an ERROR: ${refusalReasons.join(", ")}.`,
    label: "reason",
    read: ({ counters }) => counters.refused,
  },
  {
    name: "tftp_dropped_total",
    help: `Datagrams on the well-known port that drew nothing: ${dropReasons.join(", ")}.`,
    label: "reason",
    read: ({ counters }) => counters.dropped,
  },
  {
    name: "tftp_ignored_total",
    help: "Datagrams inside transfers that moved nothing: old, duplicate, or no ACK at all.",
    read: ({ counters }) => counters.ignored,
  },
  {
    name: "tftp_network_errors_total",
    help: "Sends that the system refused, and ICMP errors that came back: each is a lost datagram.",
    read: ({ counters }) => counters.networkErrors,
  },
  {
    name: "tftp_sent_bytes_total",
    help: "Bytes sent in DATA packets, headers and retransmissions included.",
    read: ({ counters }) => counters.bytesSent,
  },
  {
    name: "tftp_acknowledged_bytes_total",
    help: "Bytes of files that clients acknowledged, by transfers that have ended.",
    read: ({ counters }) => counters.bytesAcknowledged,
  },
  {
    name: "tftp_retransmissions_total",
    help: "How often an OACK, a block or a window was sent again, by transfers that have ended.",
    read: ({ counters }) => counters.retransmissions,
  },
];

/** What goes up and down. */
export const levels: readonly Reading[] = [
  { name: "tftp_up", help: "1 while the server runs, else 0.", read: ({ state }) => Number(state === "running") },
  { name: "tftp_transfers_active", help: "Running transfers.", read: ({ transfers }) => transfers.length },
  loopDelay("mean", "meanMs"),
  loopDelay("p99", "p99Ms"),
  loopDelay("max", "maxMs"),
];

function loopDelay(statistic: string, field: keyof NonNullable<Snapshot["loopDelay"]>): Reading {
  return {
    name: `tftp_worker_event_loop_delay_${statistic}_seconds`,
    help: `How late the server's event loop was while transfers ran, over the last minute or two: ${statistic}.`,
    read: (now) => (now.loopDelay?.[field] ?? 0) / 1_000,
  };
}
