import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExporterEvents } from "../exporter-events.ts";
import { Listener } from "../server/listener.ts";
import type { Session } from "../session/session.ts";
import type { HookName } from "../../contract/events/exporter-events.ts";
import type { HookFailureMode, ResolvedHook, ResolvedHooks } from "./hook-options.ts";
import { runScript } from "./run-script.ts";

/** A lease at whose border a hook runs. */
export interface HookContext {
  readonly lease: { readonly name: string; readonly client: string };
  readonly session: Session;
}

export interface HookFailure {
  /** In words, without the hook's name. */
  readonly message: string;
  readonly onFailure: HookFailureMode;
}

/** The hooks, as a lease keeper runs them. */
export interface HookRuns {
  has(name: HookName): boolean;
  /** Resolves with how it failed, if it did. Never rejects. */
  run(name: HookName, context: HookContext): Promise<HookFailure | undefined>;
}

const sources = { beforeLease: "BEFORE_LEASE_HOOK", afterLease: "AFTER_LEASE_HOOK" } as const;

/** Runs hooks beside the lease's drivers, on a private socket. Their output is in the session's log, and is events. */
export class HookRunner implements HookRuns {
  readonly #hooks: ResolvedHooks;
  readonly #events: ExporterEvents;

  constructor(hooks: ResolvedHooks, events: ExporterEvents) {
    this.#hooks = hooks;
    this.#events = events;
  }

  has(name: HookName): boolean {
    return this.#hooks[name] !== undefined;
  }

  async run(name: HookName, context: HookContext): Promise<HookFailure | undefined> {
    const hook = this.#hooks[name];
    if (!hook) return undefined;
    const begun = performance.now();
    const message = await this.#run(name, hook, context).catch((error: Error) => `it cannot be run: ${error.message}`);
    this.#events.emit({
      type: "hook-ended",
      hook: name,
      lease: context.lease.name,
      durationMs: performance.now() - begun,
      ...(message !== undefined && { error: message }),
    });
    if (message === undefined) return undefined;
    context.session.log.add("WARNING", `${name} hook failed: ${message}`, sources[name]);
    return { message, onFailure: hook.onFailure };
  }

  async #run(name: HookName, hook: ResolvedHook, { lease, session }: HookContext): Promise<string | undefined> {
    const directory = await mkdtemp(join(tmpdir(), "tftp-driver-"));
    try {
      const path = join(directory, "exporter.sock");
      const listener = await Listener.open({ path }, session, undefined, undefined);
      try {
        return await runScript(hook, environment(path, lease), (line) => {
          session.log.add("INFO", line, sources[name]);
          this.#events.emit({ type: "hook-output", hook: name, line });
        });
      } finally {
        await listener.close();
      }
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

/** The names are upstream's. Nothing in it may ask a person. */
function environment(socket: string, { name, client }: HookContext["lease"]): NodeJS.ProcessEnv {
  const { PS1: _prompt, ...inherited } = process.env;
  return {
    ...inherited,
    JUMPSTARTER_HOST: socket,
    JMP_DRIVERS_ALLOW: "UNSAFE",
    LEASE_NAME: name,
    CLIENT_NAME: client,
    TERM: "dumb",
    DEBIAN_FRONTEND: "noninteractive",
    GIT_TERMINAL_PROMPT: "0",
  };
}
