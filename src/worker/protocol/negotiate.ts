import type { ServerConfig } from "../../contract/options/server-config.ts";
import { largestWindow } from "./block-number.ts";
import { encodeOptionAck } from "./packet.ts";
import type { TransferPlan } from "./transfer-plan.ts";

/** What the server grants at most, and its own timing. */
export interface NegotiationLimits extends Pick<
  ServerConfig,
  "maxWindowSize" | "windowBytes" | "retransmitMs" | "maxRetries" | "maxSilenceMs"
> {
  /** In bytes; "mtu" has become a number. */
  readonly maxBlockSize: number;
  /** Whether `msftwindow` may be granted. */
  readonly variableWindow?: boolean;
}

/** Answers to an option's value: what is granted, or undefined to leave the option out of the OACK. */
type Grant = (value: string, limits: NegotiationLimits, size: number | undefined) => number | undefined;

const DEFAULT_BLOCK_SIZE = 512;

/** What the byte behind an ACK can ask for, in blocks. */
export const LARGEST_VARIABLE_WINDOW = 255;

const grants: Readonly<Record<string, Grant>> = {
  // RFC 2348: 8 to 65464 octets; the server may answer with less. More than the maximum means "as much as you can".
  blksize: (value, { maxBlockSize }) => atMost(maxBlockSize, decimal(value, 8)),
  // RFC 2349: the client sends 0, or anything; the answer is the size.
  tsize: (_, _limits, size) => size,
  // RFC 2349: 1 to 255 s, and the answer must be the same value.
  timeout: (value) => decimal(value, 1, 255),
  // RFC 7440: 1 to 65535 blocks; the server may answer with less.
  windowsize: (value, { maxWindowSize }) => atMost(maxWindowSize, decimal(value, 1, 65_535)),
  // Windows Deployment Services, as Wireshark's packet-tftp.c has it: 31416 is answered by 27182.
  msftwindow: (value, { variableWindow }) => (variableWindow && value === "31416" ? 27_182 : undefined),
  // tftp-hpa: a timeout in microseconds, 10 ms to 255 s, and the answer must be the same value.
  utimeout: (value) => decimal(value, 10_000, 255_000_000),
  // tftp-hpa, and clients whose counter skips 0: the number after 65535. tftp-hpa grants any; nobody is known to need it.
  rollover: (value) => decimal(value, 0, 1),
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
  const blockSize = granted.get("blksize") ?? DEFAULT_BLOCK_SIZE;
  const rollover = granted.get("rollover") === 1 ? 1 : 0;
  const largest = Math.min(windowFor(blockSize, limits), largestWindow(rollover));
  const windowSize = Math.min(granted.get("windowsize") ?? 1, largest);
  // A client that gets less than it has asked for waits in vain for the rest.
  if (Math.min(largest, limits.maxWindowSize) < LARGEST_VARIABLE_WINDOW) granted.delete("msftwindow");
  // In its place: only now the size of a block is known, which may stand behind it.
  if (granted.has("windowsize")) granted.set("windowsize", windowSize);
  const intervalMs = negotiatedInterval(granted);
  const { retransmitMs, maxRetries, maxSilenceMs } = limits;
  // In one place, and not by a spread: V8 gives each such object a shape of its own, and every ACK looks into the plan.
  return {
    blockSize,
    windowSize,
    hasVariableWindow: granted.has("msftwindow"),
    rollover,
    granted,
    offer: granted.size === 0 ? undefined : encodeOptionAck(granted),
    announcesSize: granted.has("tsize"),
    timing: {
      intervalMs: intervalMs ?? retransmitMs,
      fixed: intervalMs !== undefined,
      maxRetries,
      maxSilenceMs,
    },
  };
}

/** How many blocks fit into `windowBytes`; one always may leave. */
function windowFor(blockSize: number, { windowBytes }: NegotiationLimits): number {
  return windowBytes === 0 ? Infinity : Math.max(1, Math.floor(windowBytes / blockSize));
}

/** In ms. Of `timeout` and `utimeout` the later one counts, as with tftp-hpa. */
function negotiatedInterval(granted: ReadonlyMap<string, number>): number | undefined {
  let interval: number | undefined;
  for (const [name, value] of granted) {
    if (name === "timeout") interval = value * 1_000;
    else if (name === "utimeout") interval = value / 1_000;
  }
  return interval;
}

/** A plain decimal within the range, both ends included. */
function decimal(value: string, low: number, high = Infinity): number | undefined {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  return number >= low && number <= high ? number : undefined;
}

function atMost(limit: number, value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(limit, value);
}
