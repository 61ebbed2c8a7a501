import type { ProfileName } from "./profile-names.ts";
import type { Rule } from "./rules.ts";

/** What a profile does besides what a rule could say itself. */
export interface ProfileLimits {
  /** In bytes; smaller limits of the options hold. */
  readonly maxBlockSize?: number;
  /** In blocks; smaller limits of the options hold. */
  readonly maxWindowSize?: number;
  /** In ms; a longer `retransmitMs` holds. */
  readonly leastRetransmitMs?: number;
  /** Whether `msftwindow` may be granted: the client then sets the size of each window. */
  readonly variableWindow?: boolean;
  /** Options that are passed over, as if the client had not asked for them (RFC 2347 permits that for each). */
  readonly ignoredOptions?: readonly string[];
}

/** A named set of what clients of one kind need. */
export interface Profile {
  readonly rule: Pick<Rule, "caseInsensitive" | "cutAt" | "serialFallback">;
  readonly limits: ProfileLimits;
}

/** Their sources are in docs/rules.md. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  /** Asks in a directory of its serial number; a duplicate block, as a retransmission is one, can hang its firmware. */
  "raspberry-pi": { rule: { serialFallback: true }, limits: { leastRetransmitMs: 1_000 } },
  /** Backslashes are read as `/` for all clients. */
  "windows-pe": { rule: { caseInsensitive: true }, limits: { variableWindow: true } },
  /**
   * Lock-step in blocks of one packet. `timeout` (5 s) is passed over: the server then measures, and repairs a loss after
   * about a second.
   */
  "u-boot-old": {
    rule: {},
    limits: { maxBlockSize: 1_468, maxWindowSize: 1, ignoredOptions: ["timeout"] },
  },
  /** Its manuals write one name in two ways: XMLDefault.cnf.xml, XmlDefault.cnf.xml. */
  cisco: { rule: { caseInsensitive: true }, limits: {} },
  /** Some read the name of the boot file beyond its end, into a byte 255. */
  edk2: { rule: { caseInsensitive: true, cutAt: String.raw`\xff` }, limits: { maxBlockSize: 1_468 } },
};

/** The rule with what its profile says of names; its own words hold. */
export function withProfile(rule: Rule): Rule {
  return rule.profile === undefined ? rule : { ...profiles[rule.profile].rule, ...definedOf(rule) };
}

/** What the profile says of transfers. */
export function limitsOfProfile(profile: ProfileName | undefined): ProfileLimits {
  return profile === undefined ? {} : profiles[profile].limits;
}

function definedOf(rule: Rule): Rule {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
}
