import type { TransferIdentity } from "../../../contract/events/events.ts";
import { limitsOfProfile } from "../../../contract/rules/profiles.ts";
import type { ServerConfig } from "../../../contract/options/server-config.ts";
import { printableLatin1 } from "../../../shared/printable.ts";
import type { AppliedRule, ContentFile } from "../../content/content.ts";
import { negotiate } from "../../protocol/negotiate.ts";
import { Session, type SessionObserver } from "../../transfers/session.ts";
import type { Channel } from "../../transport/transport.ts";
import type { AdmittedRequest } from "./admitted-request.ts";
import { narrowed, withoutIgnored } from "./profile-limits.ts";
import type { ServerContext } from "../server-context.ts";

/** What a transfer begins with: the session takes `file` and `channel` over. */
export interface SessionStart {
  /** As it was when the file had been opened. */
  readonly config: ServerConfig;
  readonly request: AdmittedRequest;
  /** `file`: the name that it was found by. */
  readonly identity: TransferIdentity;
  readonly file: ContentFile;
  readonly channel: Channel;
  /** In bytes. */
  readonly largestBlock: number;
  /** What a rule did with the request. */
  readonly applied: AppliedRule | undefined;
}

/** Settles the terms of a transfer and reports its request; the session that it returns is still to be started. */
export function settleSession(start: SessionStart, context: ServerContext, observer: SessionObserver): Session {
  const { config, request, identity, file, channel, largestBlock, applied } = start;
  const { cache, reporter, timer, pending } = context;
  const profile = limitsOfProfile(applied?.profile);
  const total = request.mode === "octet" ? file.size : undefined;
  const plan = negotiate(withoutIgnored(request.options, profile), narrowed(config, largestBlock, profile), total);
  const blocks = cache.reader(file, plan.blockSize, request.mode, plan.rollover);
  const session = new Session({ identity, plan, blocks, total, channel, timer, reporter, pending }, observer);
  const { id, client } = identity;
  const { rule, served } = applied ?? {};
  reporter.report({
    type: "request",
    id,
    file: identity.file,
    client,
    local: request.local,
    mode: request.mode,
    requested: Object.fromEntries(asText(request.options)),
    granted: Object.fromEntries(plan.granted),
    ...(total !== undefined && { total }),
    ...(rule !== undefined && { rule }),
    ...(served !== undefined && { served }),
  });
  return session;
}

/** Options as they may stand in a log. */
function asText(options: ReadonlyMap<string, string>): [name: string, value: string][] {
  return Array.from(options, ([name, value]) => [printableLatin1(name), printableLatin1(value)]);
}
