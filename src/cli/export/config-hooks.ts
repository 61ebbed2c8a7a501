import { type HookOptions, type Hooks, resolveHooks } from "../../jumpstarter/hooks/hook-options.ts";
import { expectKnown, type Fields, fields } from "./config-fields.ts";

/** Each key, and the one that upstream takes as well. */
const HOOKS = { beforeLease: "before_lease", afterLease: "after_lease" } as const;

/**
 * `hooks:` of an ExporterConfig, where the time-out is in seconds.
 * @throws {Error} naming the key.
 */
export function readHooks(given: unknown): Hooks {
  const hooks = fields(given ?? {}, "hooks");
  expectKnown(hooks, "hooks", Object.entries(HOOKS).flat());
  const entries = Object.entries(HOOKS).flatMap(([name, other]): [string, HookOptions][] => {
    const hook = hooks[name] ?? hooks[other];
    return hook === undefined || hook === null ? [] : [[name, readHook(fields(hook, `hooks.${name}`), name)]];
  });
  const read = Object.fromEntries(entries) as Hooks;
  try {
    resolveHooks(read);
  } catch (error) {
    throw new Error((error as Error).message.replace(".timeoutMs:", ".timeout, in ms:"), { cause: error });
  }
  return read;
}

function readHook(hook: Fields, name: string): HookOptions {
  expectKnown(hook, `hooks.${name}`, ["script", "exec", "timeout", "onFailure", "on_failure"]);
  const { script, timeout } = hook;
  const [exec, onFailure] = [hook["exec"] ?? undefined, hook["onFailure"] ?? hook["on_failure"]];
  return {
    script: script as string,
    ...(exec !== undefined && { exec: exec as string }),
    ...(timeout !== undefined && { timeoutMs: (typeof timeout === "number" ? timeout * 1_000 : timeout) as number }),
    ...(onFailure !== undefined && { onFailure: onFailure as "warn" }),
  };
}
