import { withProfile } from "../../../contract/rules/profiles.ts";
import { type RuleList, rulesOf } from "../../../contract/rules/rules.ts";
import type { FileName, RequestContext } from "../content.ts";
import { CompiledRule, type RuleMatch, type TemplateValues } from "./compiled-rule.ts";
import type { HardwareAddresses } from "./hardware-addresses.ts";

/** A rule that holds for a request, and what it found in it. */
export interface MatchedRule {
  readonly rule: CompiledRule;
  readonly match: RuleMatch;
  readonly values: TemplateValues;
}

/** The rules that hold now: the first one that matches a request decides. */
export class RuleMatcher implements Iterable<CompiledRule> {
  readonly #hardwareAddresses: Pick<HardwareAddresses, "of">;
  #rules: readonly CompiledRule[] = [];

  constructor(hardwareAddresses: Pick<HardwareAddresses, "of">) {
    this.#hardwareAddresses = hardwareAddresses;
  }

  /** For requests from now on. */
  use(rules: RuleList): void {
    this.#rules = rulesOf(rules).map((rule, index) => new CompiledRule(withProfile(rule), index));
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  [Symbol.iterator](): Iterator<CompiledRule> {
    return this.#rules[Symbol.iterator]();
  }

  async first(name: FileName, request: RequestContext): Promise<MatchedRule | undefined> {
    const [client = ""] = request.client.address.split("%");
    for (const rule of this.#rules) {
      const match = rule.match(name, request);
      if (!match) continue;
      // oxlint-disable-next-line no-await-in-loop -- the first one that matches decides
      const mac = rule.needsMac ? await this.#hardwareAddresses.of(request.client.address) : "";
      if (mac !== undefined) return { rule, match, values: { client, mac } };
    }
    return undefined;
  }
}
