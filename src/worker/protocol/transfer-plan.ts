import type { Rollover } from "./block-number.ts";

/** When to lose patience. All in milliseconds. */
export interface Timing {
  /** Silence before the first retransmission, as long as nothing was measured. */
  readonly intervalMs: number;
  /** The interval was negotiated (RFC 2349, or `utimeout`) and stays; otherwise it follows the round-trip time, and backs off. */
  readonly fixed: boolean;
  /** Retransmissions in a row before the client is given up. */
  readonly maxRetries: number;
  /** The client is given up once it has acknowledged nothing new for this long, whatever else it sends. */
  readonly maxSilenceMs: number;
}

/** What a transfer is to be, as negotiated. */
export interface TransferPlan {
  /** Payload bytes of a full DATA packet; 512 unless negotiated. */
  readonly blockSize: number;
  /** Blocks for one ACK; 1, lock-step, unless negotiated. */
  readonly windowSize: number;
  /** `msftwindow` was granted: each ACK says behind its number how many blocks the next window is to have. */
  readonly hasVariableWindow: boolean;
  /** What follows block 65535 on the wire; 0 unless negotiated. */
  readonly rollover: Rollover;
  /** Option values as granted, in the order asked. */
  readonly granted: ReadonlyMap<string, number>;
  /** The OACK to begin with; undefined if no option was granted: begin with block 1. */
  readonly offer: Uint8Array | undefined;
  /** The OACK says how big the file is: the client may have asked for nothing else. */
  readonly announcesSize: boolean;
  readonly timing: Timing;
}

/**
 * What the caller has to do after an input. One input has one effect at most:
 * send `offer`; send the blocks from `next` to `sendEnd`; or clean up: `outcome` and `parting` say how.
 */
export type Effect = "nothing" | "send-offer" | "send-blocks" | "end";
