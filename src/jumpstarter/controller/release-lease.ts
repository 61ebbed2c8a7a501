import { STATUS } from "../session/call-status.ts";
import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import type { ExporterEvents } from "../exporter-events.ts";
import { BackOff } from "./back-off.ts";
import type { ControllerCalls } from "./controller-link.ts";
import type { ServedLease } from "./served-lease.ts";

/** What clients get to see the status in, in ms; upstream's, which poll it. */
const HEAD_START_MS = 1_000;

/** Answers of a controller that lets no exporter release a lease by that call. */
const tooOld: ReadonlySet<number | undefined> = new Set<number>([
  STATUS.PERMISSION_DENIED,
  STATUS.INVALID_ARGUMENT,
  STATUS.UNAUTHENTICATED,
  STATUS.UNIMPLEMENTED,
]);

export interface ReleaseParts {
  readonly calls: Pick<ControllerCalls, "releaseLease" | "reportStatus">;
  readonly events: ExporterEvents;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The exporter's status at the moment. */
  readonly status: () => ExporterStatus;
}

/** Gives the lease back to the controller; tries until it has taken it, or the lease is over. Never rejects. */
export async function releaseLease(served: ServedLease, { calls, events, pause, status }: ReleaseParts): Promise<void> {
  const { signal } = served.ending;
  const { name } = served.lease;
  const backOff = new BackOff();
  await pause(HEAD_START_MS, signal);
  while (!signal.aborted) {
    try {
      return await calls.releaseLease(name).catch((error: { readonly code?: number }) => {
        if (!tooOld.has(error.code)) throw error;
        // The old way. AVAILABLE would let the controller lease the exporter again at once.
        const now = status();
        const held = now === "AVAILABLE" ? "AFTER_LEASE_HOOK" : now;
        return calls.reportStatus(held, "The exporter has released the lease", true);
      });
    } catch (error) {
      if (!signal.aborted) events.warn(`lease ${name} cannot be released`, error);
    }
    await pause(backOff.take(), signal);
  }
}
