import type { Duplex } from "node:stream";
import type { ExporterEvents } from "../exporter-events.ts";
import type { HookRuns } from "../hooks/hook-runner.ts";
import type { Session } from "../session/session.ts";
import type { ListenReply } from "../wire/controller-messages.ts";
import type { ExporterStatus } from "../../contract/events/exporter-events.ts";
import type { ControllerCalls } from "./controller-link.ts";

/** What a lease keeper is made of. */
export interface KeeperParts {
  readonly endpoint: string;
  readonly calls: ControllerCalls;
  /** A session with fresh drivers, which begins with that status. */
  readonly openSession: (status: ExporterStatus, message: string, endLease: () => void) => Session;
  readonly hooks: HookRuns;
  /** The byte stream at the router that a client waits at. */
  readonly connect: (dialled: ListenReply) => Duplex;
  readonly events: ExporterEvents;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}
