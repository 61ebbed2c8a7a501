/** How a transfer ended. `failed` is our fault; every other one is the client's doing, or ours on purpose. */
export const transferOutcomes = [
  /** The last block was acknowledged. */
  "complete",
  /** The last block was sent and resent, but its ACK never came: the client most likely has the file. */
  "unconfirmed",
  /** ERROR 8 after the OACK: the client only wanted to know the size (EDK2 does so). */
  "size-query",
  /** The client sent an ERROR, or its port is closed (ICMP). */
  "client-error",
  /** The client fell silent. */
  "timed-out",
  /** The same client port asked for something else, and acknowledged that. */
  "replaced",
  /** All places were taken, and the client had acknowledged nothing of this transfer: another request got its place. */
  "evicted",
  /** stop() ran out of grace. */
  "server-stopped",
  /** Our fault: the file shrank or could not be read. */
  "failed",
] as const;
export type TransferOutcome = (typeof transferOutcomes)[number];

/** Why a request was answered with an ERROR. */
export const refusalReasons = [
  "not-found",
  "outside-root",
  "not-a-file",
  "forbidden",
  /** `requireWorldReadable` is on, and not all users of the machine may read the file. */
  "not-world-readable",
  /** By the `deny` of a rule. */
  "denied-by-rule",
  "read-only",
  "bad-request",
  "handler-error",
  "read-error",
  /** The range of `ports` is used up, or the system gives none of them. */
  "no-free-port",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Why a datagram on the well-known port drew nothing. */
export const dropReasons = [
  "over-limit",
  "loop",
  "unknown-opcode",
  "malformed",
  "denied",
  "duplicate",
  /**
   * It was sent to a broadcast or multicast address (RFC 1123 section 4.2.3.5), or to an address that is not ours yet.
   */
  "not-unicast",
  /** No way leads to the client, or the address that it asked is gone: the client asks again. */
  "unreachable",
  /** With `ports: "single"`: the client port that asks has a transfer that goes on, and can have but one. */
  "port-busy",
  /** With `ports: "single"`: an ACK or ERROR of no transfer: a late one, or that of a transfer which was given up. */
  "no-transfer",
] as const;
export type DropReason = (typeof dropReasons)[number];
