import type { ServerConfig } from "../../contract/options.ts";
import { encodeOptionAck } from "./packet.ts";
import type { TransferPlan } from "./transfer-plan.ts";

/** What the server grants at most, and its own timing. */
export type NegotiationLimits = Pick<
  ServerConfig,
  "maxBlockSize" | "maxWindowSize" | "retransmitMs" | "maxRetries" | "maxSilenceMs"
>;

/** Answers to an option's value: what is granted, or undefined to leave the option out of the OACK. */
type Grant = (value: string, limits: NegotiationLimits, size: number | undefined) => number | undefined;

const grants: Readonly<Record<string, Grant>> = {
  // RFC 2348: 8 to 65464 octets; the server may answer with less. More than the maximum means "as much as you can".
  blksize: (value, { maxBlockSize }) => atMost(maxBlockSize, decimal(value, 8)),
  // RFC 2349: the client sends 0, or anything; the answer is the size.
  tsize: (_, _limits, size) => size,
  // RFC 2349: 1 to 255 s, and the answer must be the same value.
  timeout: (value) => decimal(value, 1, 255),
  // RFC 7440: 1 to 65535 blocks; the server may answer with less.
  windowsize: (value, { maxWindowSize }) => atMost(maxWindowSize, decimal(value, 1, 65_535)),
};

/**
 * Settles the options of a request (RFC 2347): unknown ones and senseless values are passed over in silence.
 * @param size In bytes on the wire; undefined if it is not known beforehand: `tsize` is then left out.
 */
export function negotiate(
  options: ReadonlyMap<string, string>,
  limits: NegotiationLimits,
  size: number | undefined,
): TransferPlan {
  const granted = new Map<string, number>();
  for (const [name, value] of options) {
    const grant = Object.hasOwn(grants, name) ? grants[name]?.(value, limits, size) : undefined;
    if (grant !== undefined) granted.set(name, grant);
  }
  const seconds = granted.get("timeout");
  const { retransmitMs, maxRetries, maxSilenceMs } = limits;
  // In one place, and not by a spread: V8 gives each such object a shape of its own, and every ACK looks into the plan.
  return {
    blockSize: granted.get("blksize") ?? 512,
    windowSize: granted.get("windowsize") ?? 1,
    granted,
    offer: granted.size === 0 ? undefined : encodeOptionAck(granted),
    announcesSize: granted.has("tsize"),
    timing: {
      intervalMs: seconds === undefined ? retransmitMs : seconds * 1_000,
      fixed: seconds !== undefined,
      maxRetries,
      maxSilenceMs,
    },
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
