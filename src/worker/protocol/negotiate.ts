import { encodeOptionAck } from "./packet.ts";

/** What the server grants at most, and what it knows of the file. */
export interface NegotiationLimits {
  readonly maxBlockSize: number;
  readonly maxWindowSize: number;
  /** In bytes on the wire; undefined if it is not known beforehand: `tsize` is then left out. */
  readonly size: number | undefined;
}

/** The terms of one transfer. */
export interface Terms {
  /** Payload bytes of a full DATA packet; 512 unless negotiated. */
  readonly blockSize: number;
  /** Blocks for one ACK; 1, lock-step, unless negotiated. */
  readonly windowSize: number;
  /** The negotiated retransmission interval, if any. */
  readonly intervalMs: number | undefined;
  /** Option values as granted, in the order asked. */
  readonly granted: ReadonlyMap<string, number>;
  /** The OACK packet; undefined if no option was granted, and the transfer then begins with block 1. */
  readonly offer: Uint8Array | undefined;
  /** The OACK has `tsize` in it. */
  readonly announcesSize: boolean;
}

/** Answers to an option's value: what is granted, or undefined to leave the option out of the OACK. */
type Grant = (value: string, limits: NegotiationLimits) => number | undefined;

const grants: Readonly<Record<string, Grant>> = {
  // RFC 2348: 8 to 65464 octets; the server may answer with less. More than the maximum means "as much as you can".
  blksize: (value, { maxBlockSize }) => atMost(maxBlockSize, decimal(value, 8)),
  // RFC 2349: the client sends 0, or anything; the answer is the size.
  tsize: (_, { size }) => size,
  // RFC 2349: 1 to 255 s, and the answer must be the same value.
  timeout: (value) => decimal(value, 1, 255),
  // RFC 7440: 1 to 65535 blocks; the server may answer with less.
  windowsize: (value, { maxWindowSize }) => atMost(maxWindowSize, decimal(value, 1, 65_535)),
};

/** Settles the options of a request (RFC 2347): unknown ones and senseless values are passed over in silence. */
export function negotiate(options: ReadonlyMap<string, string>, limits: NegotiationLimits): Terms {
  const granted = new Map<string, number>();
  for (const [name, value] of options) {
    const grant = Object.hasOwn(grants, name) ? grants[name]?.(value, limits) : undefined;
    if (grant !== undefined) granted.set(name, grant);
  }
  const seconds = granted.get("timeout");
  return {
    blockSize: granted.get("blksize") ?? 512,
    windowSize: granted.get("windowsize") ?? 1,
    intervalMs: seconds === undefined ? undefined : seconds * 1_000,
    granted,
    offer: granted.size === 0 ? undefined : encodeOptionAck(granted),
    announcesSize: granted.has("tsize"),
  };
}

/** A plain decimal within the range, both ends included. */
function decimal(value: string, low: number, high = Infinity): number | undefined {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return number >= low && number <= high ? number : undefined;
}

function atMost(limit: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(limit, value);
}
