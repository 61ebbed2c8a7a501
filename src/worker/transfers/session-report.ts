import type { TransferIdentity } from "../../contract/events/events.ts";
import type { TransferOutcome } from "../../contract/events/outcomes.ts";
import type { RunningTransfer } from "../../contract/thread/server-api.ts";
import type { ReadTransfer } from "../protocol/read-transfer.ts";
import type { TransferPlan } from "../protocol/transfer-plan.ts";
import type { Reporter } from "./reporter.ts";
import { toVerdict } from "./verdict.ts";

export interface SessionReportDependencies {
  readonly identity: TransferIdentity;
  readonly plan: TransferPlan;
  /** In bytes on the wire; undefined if it is not known beforehand. */
  readonly total: number | undefined;
  readonly reporter: Reporter;
}

/** What is reported of one transfer while it runs, and when it ends. */
export class SessionReport {
  readonly #dependencies: SessionReportDependencies;
  readonly #transfer: ReadTransfer;
  readonly #startedAt = Date.now();
  readonly #startedClock = performance.now();
  #lossReported = false;
  #progress = { bytes: 0, clock: this.#startedClock };

  constructor(dependencies: SessionReportDependencies, transfer: ReadTransfer) {
    this.#dependencies = dependencies;
    this.#transfer = transfer;
  }

  /** As `snapshot()` shows it. */
  describe(): RunningTransfer {
    const { blockSize, windowSize } = this.#dependencies.plan;
    const { retransmissions } = this.#transfer;
    return { ...this.#identify(), startedAt: this.#startedAt, blockSize, windowSize, retransmissions };
  }

  /** If there was any progress since the last report. */
  reportProgress(now: number): void {
    const { bytes: before, clock } = this.#progress;
    const bytes = this.#bytes();
    if (bytes === before) return;
    this.#progress = { bytes, clock: now };
    const bytesPerSecond = Math.round(((bytes - before) * 1_000) / (now - clock));
    this.#dependencies.reporter.report({ type: "progress", ...this.#identify(), bytesPerSecond });
  }

  /** A lost datagram: the timer does the rest. Once for a transfer, for it may happen with every datagram. */
  reportLoss(error: NodeJS.ErrnoException): void {
    if (this.#lossReported) return;
    this.#lossReported = true;
    const { identity, reporter } = this.#dependencies;
    const message = `a datagram of ${identity.file} to ${identity.client.address} was lost: ${error.message}`;
    reporter.report({ type: "warning", message, cause: toVerdict(error) });
  }

  reportEnd(outcome: TransferOutcome, cause: unknown): void {
    const { reporter, plan } = this.#dependencies;
    const { retransmissions, error, ignored } = this.#transfer;
    reporter.counters.ignored += ignored;
    reporter.report({
      type: "transfer-ended",
      ...this.#identify(),
      outcome,
      durationMs: Math.round(performance.now() - this.#startedClock),
      retransmissions,
      blockSize: plan.blockSize,
      windowSize: plan.windowSize,
      ...(error && { error }),
      ...(cause !== undefined && { cause: toVerdict(cause) }),
    });
  }

  #identify(): TransferIdentity & { bytes: number; total?: number } {
    const { identity, total } = this.#dependencies;
    const { id, file, client } = identity;
    return { id, file, client, bytes: this.#bytes(), ...(total !== undefined && { total }) };
  }

  /** Acknowledged so far. */
  #bytes(): number {
    const bytes = this.#transfer.acknowledged * this.#dependencies.plan.blockSize;
    return Math.min(bytes, this.#dependencies.total ?? bytes);
  }
}
