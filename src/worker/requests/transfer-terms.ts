import type { ServerConfig } from "../../contract/options.ts";
import { negotiate } from "../protocol/negotiate.ts";
import type { TransferPlan } from "../protocol/read-transfer.ts";

/** What a transfer is to be, and which options were granted for that. */
export interface TransferTerms {
  readonly plan: TransferPlan;
  readonly granted: ReadonlyMap<string, number>;
}

/** Settles a request's options by the server's own. @param size In bytes on the wire, if it is known beforehand. */
export function settleTerms(
  options: ReadonlyMap<string, string>,
  { maxBlockSize, maxWindowSize, retransmitMs, maxRetries }: ServerConfig,
  size: number | undefined,
): TransferTerms {
  const { blockSize, windowSize, intervalMs, offer, granted } = negotiate(options, {
    maxBlockSize,
    maxWindowSize,
    size,
  });
  const timing = { intervalMs: intervalMs ?? retransmitMs, fixed: intervalMs !== undefined, maxRetries };
  // Not a spread of what was negotiated: V8 gives each such object a shape of its own, and every ACK looks into the plan.
  return { plan: { blockSize, windowSize, offer, timing }, granted };
}
