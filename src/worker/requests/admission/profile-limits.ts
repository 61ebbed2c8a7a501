import type { ServerConfig } from "../../../contract/options/server-config.ts";
import type { ProfileLimits } from "../../../contract/rules/profiles.ts";
import type { NegotiationLimits } from "../../protocol/negotiate.ts";

/** The limits of the options, and of `largestBlock`, as far as the profile of a rule does not narrow them. */
export function narrowed(config: ServerConfig, largestBlock: number, profile: ProfileLimits): NegotiationLimits {
  const { maxBlockSize = Infinity, maxWindowSize = Infinity, leastRetransmitMs = 0, variableWindow = false } = profile;
  const { windowBytes, maxRetries, maxSilenceMs } = config;
  return {
    maxBlockSize: Math.min(largestBlock, maxBlockSize),
    maxWindowSize: Math.min(config.maxWindowSize, maxWindowSize),
    windowBytes,
    variableWindow,
    retransmitMs: Math.max(config.retransmitMs, leastRetransmitMs),
    maxRetries,
    maxSilenceMs,
  };
}

/** The options that a client asks for, without those that its profile passes over. */
export function withoutIgnored(
  options: ReadonlyMap<string, string>,
  { ignoredOptions }: ProfileLimits,
): ReadonlyMap<string, string> {
  return ignoredOptions ? new Map([...options].filter(([name]) => !ignoredOptions.includes(name))) : options;
}
