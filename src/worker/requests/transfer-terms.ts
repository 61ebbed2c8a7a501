import type { ServerConfig } from "../../contract/options.ts";
import { negotiate } from "../protocol/negotiate.ts";
import type { TransferPlan } from "../protocol/transfer-plan.ts";

/** What a transfer is to be, and which options were granted for that. */
export interface TransferTerms {
  readonly plan: TransferPlan;
  readonly granted: ReadonlyMap<string, number>;
}

/** Settles a request's options by the server's own. @param size In bytes on the wire, if it is known beforehand. */
export function settleTerms(
  options: ReadonlyMap<string, string>,
  { maxBlockSize, maxWindowSize, retransmitMs, maxRetries, maxSilenceMs }: ServerConfig,
  size: number | undefined,
): TransferTerms {
  const limits = { maxBlockSize, maxWindowSize, size };
  const { blockSize, windowSize, intervalMs, offer, announcesSize, granted } = negotiate(options, limits);
  const timing = {
    intervalMs: intervalMs ?? retransmitMs,
    fixed: intervalMs !== undefined,
    maxRetries,
    maxSilenceMs,
  };
  // Not a spread of what was negotiated: V8 gives each such object a shape of its own, and every ACK looks into the
  // plan.
  return { plan: { blockSize, windowSize, offer, announcesSize, timing }, granted };
}
