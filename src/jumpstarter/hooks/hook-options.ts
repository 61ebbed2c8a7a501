import { TftpError } from "../../contract/errors.ts";
import { type HookName, hookNames } from "../../contract/events/exporter-events.ts";
import { showValue } from "../../contract/text/show-value.ts";

/** What becomes of the lease, and of the exporter, if a hook fails or takes too long. */
export const hookFailureModes = ["warn", "endLease", "exit"] as const;
export type HookFailureMode = (typeof hookFailureModes)[number];

/** A script that runs at a border of each lease, on the exporter's machine, as the exporter's user. */
export interface HookOptions {
  /** Its text, or the path of its file. */
  readonly script: string;
  /** What runs it. Default: `python3` for a file that ends in .py, else `/bin/sh`. */
  readonly exec?: string | undefined;
  /** After it the script gets SIGTERM, and 5 s later SIGKILL; in ms, from 1 to 86,400,000. @default 120000 */
  readonly timeoutMs?: number | undefined;
  /**
   * "warn" goes on, and tells the client; "endLease" releases the lease; "exit" releases it, and the exporter leaves the
   * controller for good. @default "warn"
   */
  readonly onFailure?: HookFailureMode | undefined;
}

/** The hooks of an exporter, by the names that Jumpstarter has for them. */
export interface Hooks {
  /** Runs before the client's commands are let in. */
  readonly beforeLease?: HookOptions | undefined;
  /** Runs when the client has ended its session, or the lease is over; not if beforeLease has failed. */
  readonly afterLease?: HookOptions | undefined;
}

export interface ResolvedHook {
  readonly script: string;
  readonly exec?: string;
  readonly timeoutMs: number;
  readonly onFailure: HookFailureMode;
}
export type ResolvedHooks = { readonly [Name in HookName]?: ResolvedHook };

const LONGEST_MS = 86_400_000;

/** @throws {TftpError} INVALID_OPTION */
export function resolveHooks(hooks: Hooks = {}): ResolvedHooks {
  if (typeof hooks !== "object" || hooks === null) throw invalid("hooks", "an object", hooks);
  const unknown = Object.keys(hooks).find((name) => !(hookNames as readonly string[]).includes(name));
  if (unknown !== undefined) throw invalid("hooks", hookNames.join(" or "), unknown);
  const given = hookNames.flatMap((name): [HookName, ResolvedHook][] => {
    const hook = hooks[name];
    return hook === undefined || isEmpty(hook) ? [] : [[name, resolveHook(`hooks.${name}`, hook)]];
  });
  return Object.fromEntries(given);
}

/** As upstream has it, a script of nothing is no hook. */
function isEmpty(hook: HookOptions): boolean {
  return typeof hook?.script === "string" && hook.script.trim() === "";
}

function resolveHook(place: string, hook: HookOptions): ResolvedHook {
  if (typeof hook !== "object" || hook === null) throw invalid(place, "an object", hook);
  const { script, exec, timeoutMs = 120_000, onFailure = "warn" } = hook;
  if (typeof script !== "string" || script.includes("\0")) throw invalid(`${place}.script`, "text without NUL", script);
  if (exec !== undefined && (typeof exec !== "string" || exec === "" || exec.includes("\0"))) {
    throw invalid(`${place}.exec`, "a program", exec);
  }
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 1 && timeoutMs <= LONGEST_MS)) {
    throw invalid(`${place}.timeoutMs`, `a number from 1 to ${LONGEST_MS}`, timeoutMs);
  }
  if (!hookFailureModes.includes(onFailure)) {
    throw invalid(`${place}.onFailure`, `one of ${hookFailureModes.join(", ")}`, onFailure);
  }
  return { script, timeoutMs, onFailure, ...(exec !== undefined && { exec }) };
}

function invalid(place: string, expected: string, got: unknown): TftpError {
  return new TftpError("INVALID_OPTION", `${place}: expected ${expected}, got ${showValue(got)}`);
}
