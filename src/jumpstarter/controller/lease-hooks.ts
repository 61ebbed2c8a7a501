import type { HookName } from "../../contract/events/exporter-events.ts";
import type { HookFailure, HookRuns } from "../hooks/hook-runner.ts";
import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import type { ServedLease } from "./served-lease.ts";

/** What clients show as a warning begins with it. */
const WARNING = "[HOOK_WARNING] ";

/** What a hook has led to. */
export interface Outcome {
  readonly status: ExporterStatus;
  readonly message: string;
  /** Whether the lease is to be released, or the exporter to leave for good. */
  readonly next?: "release" | "leave";
}

const FREE: Outcome = { status: "AVAILABLE", message: "Available for new lease" };

/** What a session begins with, when the lease is ready at once. */
export const READY: Outcome = { status: "LEASE_READY", message: "Ready for commands" };
/** The same, when a hook runs first. */
export const PREPARING: Outcome = { status: "BEFORE_LEASE_HOOK", message: "Running beforeLease hook" };

type SetStatus = (status: ExporterStatus, message: string) => void;

/** Runs the beforeLease hook. It runs to its end even if the lease is over meanwhile: it may be writing to a board. */
export async function prepareLease(hooks: HookRuns, served: ServedLease): Promise<Outcome> {
  const failure = await hooks.run("beforeLease", served);
  if (!failure) return READY;
  if (failure.onFailure === "warn") return { ...READY, message: warning("beforeLease", failure) };
  served.isTidied = true;
  return { status: "BEFORE_LEASE_HOOK_FAILED", ...failed("beforeLease", failure) };
}

/** Runs the afterLease hook, once, and says how the exporter is after it. */
export async function tidyLease(hooks: HookRuns, served: ServedLease, setStatus: SetStatus): Promise<Outcome> {
  if (served.isTidied || !hooks.has("afterLease")) return FREE;
  served.isTidied = true;
  setStatus("AFTER_LEASE_HOOK", "Running afterLease hook");
  const failure = await hooks.run("afterLease", served);
  // As upstream: also one that went well ends the lease, for its client may be gone.
  if (!failure) return { ...FREE, next: "release" };
  if (failure.onFailure === "warn") return { ...FREE, message: warning("afterLease", failure), next: "release" };
  return { status: "AFTER_LEASE_HOOK_FAILED", ...failed("afterLease", failure) };
}

function warning(hook: HookName, { message }: HookFailure): string {
  return `${WARNING}${hook} hook warning: ${message}`;
}

function failed(hook: HookName, { message, onFailure }: HookFailure): Pick<Outcome, "message" | "next"> {
  return {
    message: `${hook} hook failed (onFailure: ${onFailure}): ${message}`,
    next: onFailure === "exit" ? "leave" : "release",
  };
}
