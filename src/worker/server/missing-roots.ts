import { toErrorInfo } from "../../contract/errors.ts";
import type { RuleSource } from "../content/rules/rule-source.ts";
import type { Reporter } from "../transfers/reporter.ts";

/**
 * Says which directories of rules are missing. A warning, and no failure to start: the other boards are served, and the
 * directory may be mounted later, for it is looked for again by each request.
 */
export async function warnOfMissingRoots(
  rules: Pick<RuleSource, "missingRoots">,
  reporter: Pick<Reporter, "report">,
): Promise<void> {
  const missing = await rules.missingRoots();
  if (!missing) return;
  const { named, count, cause } = missing;
  const more = count > named.length ? `, and ${count - named.length} more` : "";
  const message = `nothing is served from ${named.join(", ")}${more} until it is there and can be read`;
  reporter.report({ type: "warning", message, cause: toErrorInfo(cause) });
}
