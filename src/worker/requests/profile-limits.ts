import type { ProfileLimits } from "../../contract/profiles.ts";
import type { NegotiationLimits } from "../protocol/negotiate.ts";

/** The limits of the options, as far as the profile of a rule does not narrow them. */
export function narrowed(limits: NegotiationLimits, profile: ProfileLimits): NegotiationLimits {
  const { maxBlockSize = Infinity, maxWindowSize = Infinity, leastRetransmitMs = 0 } = profile;
  return {
    ...limits,
    maxBlockSize: Math.min(limits.maxBlockSize, maxBlockSize),
    maxWindowSize: Math.min(limits.maxWindowSize, maxWindowSize),
    retransmitMs: Math.max(limits.retransmitMs, leastRetransmitMs),
  };
}

/** The options that a client asks for, without those that its profile passes over. */
export function withoutIgnored(
  options: ReadonlyMap<string, string>,
  { ignoredOptions }: ProfileLimits,
): ReadonlyMap<string, string> {
  return ignoredOptions ? new Map([...options].filter(([name]) => !ignoredOptions.includes(name))) : options;
}
