import type { RuleList } from "../../../contract/rules/rules.ts";
import { MAX_PART } from "../../../shared/glob/glob.ts";
import { type ContentFile, type ContentSource, type FileName, Refused, type RequestContext } from "../content.ts";
import { HardwareAddresses } from "./hardware-addresses.ts";
import { findMissingRoots, type MissingRoots } from "./missing-roots.ts";
import { openObserved } from "./open-observed.ts";
import { RuleLookup, type RuleLookupDependencies } from "./rule-lookup.ts";
import { RuleMatcher } from "./rule-matcher.ts";
import { RuleNames } from "./rule-names.ts";

/** Virtual files, asked for the name that a rule made. */
export interface VirtualLookup {
  find(name: FileName, request: RequestContext): Promise<ContentFile | undefined>;
}

export interface RuleSourceDependencies extends RuleLookupDependencies {
  readonly hardwareAddresses?: HardwareAddresses;
}

/** The stored files, behind the rules: the first rule that matches a request says which file is served. */
export class RuleSource implements ContentSource {
  /** Set once there are any. */
  virtual: VirtualLookup | undefined;
  readonly #stored: ContentSource;
  readonly #rules: RuleMatcher;
  readonly #names: RuleNames;
  readonly #lookup: RuleLookup;

  constructor({ hardwareAddresses = new HardwareAddresses(), ...dependencies }: RuleSourceDependencies) {
    this.#stored = dependencies.stored;
    this.#rules = new RuleMatcher(hardwareAddresses);
    this.#names = new RuleNames(dependencies.rootDir);
    this.#lookup = new RuleLookup(dependencies);
  }

  /** For requests from now on. */
  use(rules: RuleList): void {
    this.#rules.use(rules);
  }

  /** The directories that are there for no client. */
  missingRoots(): Promise<MissingRoots | undefined> {
    return findMissingRoots(this.#rules, (root) => this.#lookup.openRoot(root));
  }

  /** @throws {Refused} "denied-by-rule"; besides, as the stored source does. */
  open(name: FileName, request: RequestContext): Promise<ContentFile> {
    // What no file can be named needs not be matched, which a map's regular expression may take very long for.
    const isPossible = !this.#rules.isEmpty && name.longestPart <= MAX_PART;
    return isPossible ? this.#open(name, request) : openObserved(this.#stored, name, request);
  }

  /** For a virtual file, of which rules make no other name. */
  async noteProfile(name: FileName, request: RequestContext): Promise<void> {
    const matched = this.#rules.isEmpty ? undefined : await this.#rules.first(name, request);
    if (!matched) return;
    const { index, rule } = matched.rule;
    if (rule.profile !== undefined) request.observer?.onRule?.({ rule: index, profile: rule.profile });
  }

  close(): Promise<void> {
    return this.#stored.close();
  }

  async #open(name: FileName, request: RequestContext): Promise<ContentFile> {
    const matched = await this.#rules.first(name, request);
    if (matched === undefined) return await openObserved(this.#stored, name, request);
    const { index, rule } = matched.rule;
    const { profile } = rule;
    request.observer?.onRule?.({ rule: index, profile });
    if (rule.deny !== undefined) throw new Refused("denied-by-rule", { text: rule.deny });
    const others = await this.#names.of(name, matched, request.isWanted);
    for (const other of others ?? [name]) {
      // Each name costs a look into each directory.
      if (request.isWanted?.() === false) break;
      const isOther = other !== name;
      request.observer?.onRule?.({ rule: index, profile, ...(isOther && { served: other.text }) });
      const virtual = isOther ? this.virtual?.find(other, request) : undefined;
      // oxlint-disable-next-line no-await-in-loop -- one is looked for if the one before is not there
      const file = (await virtual) ?? (await this.#lookup.find(other, matched, request));
      if (file) return file;
    }
    throw new Refused("not-found");
  }
}
